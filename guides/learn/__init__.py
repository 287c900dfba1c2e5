"""Learn: articles, glossary and search, with the values of the domain that the reader looks after."""
