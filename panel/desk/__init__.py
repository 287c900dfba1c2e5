"""The provider's desk: Django admin behind the panel's own sign-in; every change is a service's."""
