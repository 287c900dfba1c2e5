"""docker-compose.yml, run: ``bin/test --compose``. Needs a Docker engine, and nothing else of the suite."""
