"""The agent's Celery application: one queue in, one queue out, and nothing that the node's ACL user may not
touch."""

from __future__ import annotations

import os

from celery import Celery

from nodeagent.contract import node_queue

# In the environment when a worker runs; tests and tools import this module without one.
NODE = os.environ.get("NODE_NAME", "")

BROKER_URL = os.environ.get("AGENT_BROKER_URL", "")

app = Celery("nodeagent", set_as_current=False, fixups=[])
app.conf.update(
    # Both, because Celery lets CELERY_BROKER_URL win over a plain broker_url, and that one is the panel's.
    broker_read_url=BROKER_URL,
    broker_write_url=BROKER_URL,
    include=["nodeagent.tasks"],
    task_serializer="json",
    accept_content=["json"],
    result_backend=None,
    task_ignore_result=True,
    task_store_eager_result=False,
    task_default_queue=node_queue(NODE),
    # Threads: a slow zone must not hold up a mailbox.
    worker_pool="threads",
    worker_concurrency=4,
    worker_prefetch_multiplier=1,
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    worker_enable_remote_control=False,
    worker_send_task_events=False,
    worker_cancel_long_running_tasks_on_connection_loss=False,
    worker_hijack_root_logger=False,
    broker_connection_retry_on_startup=True,
    broker_connection_max_retries=None,
    broker_pool_limit=4,
    broker_transport_options={
        "priority_steps": [0],
        "unacked_key": f"unacked.{NODE}",
        "unacked_index_key": f"unacked_index.{NODE}",
        "unacked_mutex_key": f"unacked_mutex.{NODE}",
        "visibility_timeout": 3600,
        "socket_connect_timeout": 2,
        "socket_timeout": 10,
        "socket_keepalive": True,
        "health_check_interval": 10,
    },
    broker_transport="redis",
    task_publish_retry=True,
    task_publish_retry_policy={
        "max_retries": 2,
        "interval_start": 0.1,
        "interval_step": 0.4,
        "interval_max": 0.5,
    },
)
