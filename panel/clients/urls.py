"""A reseller's clients and plans, acting for a client, and one's own limits."""

from django.urls import path

from panel.views import acting, client, clientcharts, clients, limits, plans

urlpatterns = [
    path("clients/", clients.clients, name="clients"),
    path("clients/new/", clients.client_new, name="client-new"),
    path("clients/export/", clients.clients_export, name="clients-export"),
    path("clients/bulk/", clients.clients_bulk, name="clients-bulk"),
    path("clients/<int:pk>/", client.client, name="client"),
    path("clients/<int:pk>/charts/", clientcharts.client_charts, name="client-charts"),
    path("clients/<int:pk>/charts/export/", clientcharts.client_charts_export, name="client-charts-export"),
    path("clients/<int:pk>/name/", client.client_name, name="client-name"),
    path("clients/<int:pk>/plan/", client.client_plan, name="client-plan"),
    path("clients/<int:pk>/limits/", client.client_limits, name="client-limits"),
    path("clients/<int:pk>/suspend/", client.client_suspend, name="client-suspend"),
    path("clients/<int:pk>/resume/", client.client_resume, name="client-resume"),
    path("clients/<int:pk>/delete/", client.client_delete, name="client-delete"),
    path("clients/<int:pk>/restore/", client.client_restore, name="client-restore"),
    path("clients/<int:pk>/act/", acting.client_act, name="client-act"),
    path("acting/stop/", acting.acting_stop, name="acting-stop"),
    path("plans/", plans.plans, name="plans"),
    path("plans/new/", plans.plan_new, name="plan-new"),
    path("plans/<int:pk>/", plans.plan_edit, name="plan"),
    path("plans/<int:pk>/copy/", plans.plan_duplicate, name="plan-copy"),
    path("plans/<int:pk>/delete/", plans.plan_remove, name="plan-delete"),
    path("limits/", limits.limits, name="limits"),
]
