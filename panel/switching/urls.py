from django.urls import path

from panel.switching import presets, states, switch

urlpatterns = [
    path("domains/<str:name>/zone/presets/", presets.presets, name="zone-presets"),
    path("domains/<str:name>/zone/presets/<slug:preset>/", presets.preset, name="zone-preset"),
    path("domains/<str:name>/zone/switch/", switch.switch, name="zone-switch"),
    path("domains/<str:name>/zone/switch/draft/", switch.switch_draft, name="zone-switch-draft"),
    path("domains/<str:name>/zone/mx/states/", states.mx_states, name="zone-mx-states"),
]
