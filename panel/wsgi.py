"""gunicorn's way in."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panel.settings")
application = get_wsgi_application()
# A page over a zone of 10,000 records makes as many objects and no circles: look for those less often.
gc.set_threshold(20_000, 20, 20)
