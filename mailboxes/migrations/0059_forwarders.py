import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.utils.timezone
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0050_search"),
        ("mailboxes", "0058_bulk_imports"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]
    operations = [
        migrations.CreateModel(
            name="Alias",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "address",
                    models.CharField(db_collation="C", max_length=254, unique=True, verbose_name="address"),
                ),
                ("local", models.CharField(db_collation="C", max_length=64)),
                (
                    "targets",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=254), size=None, verbose_name="goes to"
                    ),
                ),
                ("home", models.CharField(max_length=400, unique=True)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="made")),
                (
                    "mail_domain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="aliases",
                        to="mailboxes.maildomain",
                    ),
                ),
            ],
            options={"verbose_name_plural": "forwarders"},
        ),
        migrations.CreateModel(
            name="AliasEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("address", models.CharField(db_collation="C", max_length=254, verbose_name="address")),
                ("local", models.CharField(db_collation="C", max_length=64)),
                (
                    "targets",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=254), size=None, verbose_name="goes to"
                    ),
                ),
                ("home", models.CharField(max_length=400)),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="made")),
                (
                    "mail_domain",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="mailboxes.maildomain",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="mailboxes.alias",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="Consent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("source", models.CharField(db_collation="C", max_length=254)),
                ("target", models.CharField(db_collation="C", max_length=254)),
                ("nonce", models.CharField(max_length=32)),
                ("asked_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("asked", models.PositiveSmallIntegerField(default=1)),
                ("confirmed_at", models.DateTimeField(blank=True, null=True)),
                (
                    "mail_domain",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="consents",
                        to="mailboxes.maildomain",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="Forwarding",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "targets",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=254), size=None, verbose_name="goes to"
                    ),
                ),
                ("keep", models.BooleanField(default=True, verbose_name="keep a copy")),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "mailbox",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="forwarding",
                        to="mailboxes.mailbox",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="ForwardingEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                (
                    "targets",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=254), size=None, verbose_name="goes to"
                    ),
                ),
                ("keep", models.BooleanField(default=True, verbose_name="keep a copy")),
                ("changed_at", models.DateTimeField(auto_now=True)),
                (
                    "mailbox",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="mailboxes.mailbox",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="mailboxes.forwarding",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.CreateModel(
            name="RoleContact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("address", models.CharField(max_length=254, verbose_name="address")),
                (
                    "mail_domain",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="role_contact",
                        to="mailboxes.maildomain",
                    ),
                ),
            ],
        ),
        migrations.CreateModel(
            name="RoleContactEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.BigIntegerField()),
                ("address", models.CharField(max_length=254, verbose_name="address")),
                (
                    "mail_domain",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="mailboxes.maildomain",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="mailboxes.rolecontact",
                    ),
                ),
            ],
            options={"abstract": False},
        ),
        migrations.AddIndex(
            model_name="alias",
            index=django.contrib.postgres.indexes.GinIndex(fields=["targets"], name="alias_targets"),
        ),
        migrations.AddIndex(
            model_name="alias", index=models.Index(fields=["mail_domain", "address"], name="alias_list")
        ),
        migrations.AddIndex(
            model_name="alias",
            index=django.contrib.postgres.indexes.GinIndex(
                django.contrib.postgres.indexes.OpClass("address", name="gin_trgm_ops"), name="alias_search"
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="alias",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "mailboxes_aliasevent" ("address", "created_at", "home", "id", "local", "mail_domain_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "targets") VALUES (NEW."address", NEW."created_at", NEW."home", NEW."id", NEW."local", NEW."mail_domain_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."targets"); RETURN NULL;',
                    hash="640230da46bdd21e7ab23fecf7f5bbd33a0a9406",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_ca8db",
                    table="mailboxes_alias",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="alias",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "mailboxes_aliasevent" ("address", "created_at", "home", "id", "local", "mail_domain_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "targets") VALUES (NEW."address", NEW."created_at", NEW."home", NEW."id", NEW."local", NEW."mail_domain_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."targets"); RETURN NULL;',
                    hash="7c85840bbfff040cab6327fdf770fce5f1ea8a67",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_8df70",
                    table="mailboxes_alias",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="alias",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "mailboxes_aliasevent" ("address", "created_at", "home", "id", "local", "mail_domain_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "targets") VALUES (OLD."address", OLD."created_at", OLD."home", OLD."id", OLD."local", OLD."mail_domain_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."targets"); RETURN NULL;',
                    hash="6a7ad43db0cb260868ec0b27a4d83f8592a8f57b",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_1968a",
                    table="mailboxes_alias",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="aliasevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="cb19a18b2cef56571bd51079f1685dbcf429404e",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_e6101",
                    table="mailboxes_aliasevent",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="consent", index=models.Index(fields=["target", "asked_at"], name="consent_asked")
        ),
        migrations.AddConstraint(
            model_name="consent",
            constraint=models.UniqueConstraint(fields=("source", "target"), name="consent_once"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="forwarding",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "mailboxes_forwardingevent" ("changed_at", "id", "keep", "mailbox_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "targets") VALUES (NEW."changed_at", NEW."id", NEW."keep", NEW."mailbox_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id", NEW."targets"); RETURN NULL;',
                    hash="476fe577e7087979be624947ecf4b32ad535b123",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_ee8b1",
                    table="mailboxes_forwarding",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="forwarding",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "mailboxes_forwardingevent" ("changed_at", "id", "keep", "mailbox_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "targets") VALUES (NEW."changed_at", NEW."id", NEW."keep", NEW."mailbox_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."targets"); RETURN NULL;',
                    hash="43f468cc5c52308be5ff1f4525422ab56f8db6a6",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_8481f",
                    table="mailboxes_forwarding",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="forwarding",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "mailboxes_forwardingevent" ("changed_at", "id", "keep", "mailbox_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "targets") VALUES (OLD."changed_at", OLD."id", OLD."keep", OLD."mailbox_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id", OLD."targets"); RETURN NULL;',
                    hash="7f472581edf152bea62fbb94efa1006834d6f6a3",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_da926",
                    table="mailboxes_forwarding",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="forwardingevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="d867a8930911b1e9da97f64b80ecb6ee614eb2d6",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_89b6a",
                    table="mailboxes_forwardingevent",
                    when="BEFORE",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rolecontact",
            trigger=pgtrigger.compiler.Trigger(
                name="insert_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "mailboxes_rolecontactevent" ("address", "id", "mail_domain_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."address", NEW."id", NEW."mail_domain_id", _pgh_attach_context(), NOW(), \'insert\', NEW."id"); RETURN NULL;',
                    hash="2bc47a5dbb9af46146693d2dc3c63626de2455f7",
                    operation="INSERT",
                    pgid="pgtrigger_insert_insert_b0151",
                    table="mailboxes_rolecontact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rolecontact",
            trigger=pgtrigger.compiler.Trigger(
                name="update_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    condition="WHEN (OLD.* IS DISTINCT FROM NEW.*)",
                    func='INSERT INTO "mailboxes_rolecontactevent" ("address", "id", "mail_domain_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."address", NEW."id", NEW."mail_domain_id", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;',
                    hash="e916f5505787ba1488b10f7c210c3b6f1228e816",
                    operation="UPDATE",
                    pgid="pgtrigger_update_update_1cc31",
                    table="mailboxes_rolecontact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rolecontact",
            trigger=pgtrigger.compiler.Trigger(
                name="delete_delete",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func='INSERT INTO "mailboxes_rolecontactevent" ("address", "id", "mail_domain_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (OLD."address", OLD."id", OLD."mail_domain_id", _pgh_attach_context(), NOW(), \'delete\', OLD."id"); RETURN NULL;',
                    hash="ae1674fec52d9368c0d5c20bd12447c017df54e6",
                    operation="DELETE",
                    pgid="pgtrigger_delete_delete_a2343",
                    table="mailboxes_rolecontact",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="rolecontactevent",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="bb762e4be9b9d5351f8eadc13ca6737be581c240",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_1a08d",
                    table="mailboxes_rolecontactevent",
                    when="BEFORE",
                ),
            ),
        ),
    ]
