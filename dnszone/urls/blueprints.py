from django.urls import path

from dnszone.blueprints import rolling, views

urlpatterns = [
    path("zone-templates/", views.templates, name="zone-templates"),
    path("zone-templates/new/", views.template_new, name="zone-template-new"),
    path("zone-templates/<int:template>/", views.template_edit, name="zone-template"),
    path("zone-templates/<int:template>/delete/", views.template_delete, name="zone-template-delete"),
    path("zone-templates/<int:template>/default/", views.template_default, name="zone-template-default"),
    path("zone-templates/<int:template>/zones/", rolling.template_zones, name="zone-template-zones"),
    path("zone-templates/rollouts/<int:rollout>/", rolling.rollout, name="zone-rollout"),
    path("zone-templates/rollouts/<int:rollout>/again/", rolling.rollout_again, name="zone-rollout-again"),
]
