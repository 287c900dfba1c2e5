"""argon2id at the strength OWASP asks for (19 MiB, t=2, p=1): strong, and 20 to 30 ms of a core."""

from django.contrib.auth.hashers import Argon2PasswordHasher


class Argon2idPasswordHasher(Argon2PasswordHasher):
    time_cost = 2
    memory_cost = 19_456
    parallelism = 1
