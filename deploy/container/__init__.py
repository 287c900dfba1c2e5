"""What runs in each container of docker-compose.yml: ``python -m deploy.container ROLE``.

The same templates and programs as bin/up (deploy/stack/services), on standard ports, with the others reached
over the network. ``/secrets`` is what the role was given (setup.py), ``/data`` is its volume.
"""
