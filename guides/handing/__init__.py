"""“Hand it over”: a link, a sheet of paper, a mail."""
