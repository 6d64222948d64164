"""Crossings, talks, handovers and reviews; changes put their asset on the list of what is looked at again."""

import django.contrib.postgres.fields.ranges
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_lengths"),
        ("ownership", "0007_plans_and_announcements"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BoundaryCheck",
            fields=[
                (
                    "asset",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="ownership.asset",
                    ),
                ),
                ("due_at", models.DateTimeField(db_index=True)),
            ],
        ),
        migrations.CreateModel(
            name="Crossing",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                
                ("valid", django.contrib.postgres.fields.ranges.DateTimeRangeField()),
                ("seen_from", models.DateTimeField()),
                ("level", models.CharField(max_length=8)),
                ("score", models.DecimalField(decimal_places=2, max_digits=6)),
                ("weight", models.CharField(max_length=80)),
                ("is_owned", models.BooleanField()),
                ("is_done", models.BooleanField()),
                ("last_evidence_at", models.DateTimeField(blank=True, null=True)),
                ("state", models.CharField(default="open", max_length=10)),
                ("accepted_until", models.DateField(blank=True, null=True)),
                ("accepted_reason", models.CharField(blank=True, default="", max_length=500)),
                ("note", models.CharField(blank=True, default="", max_length=500)),
                ("reopened", models.PositiveIntegerField(default=0)),
                ("version", models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name="CrossingStep",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("state", models.CharField(max_length=10)),
                ("level", models.CharField(max_length=8)),
                ("score", models.DecimalField(decimal_places=2, max_digits=6)),
                ("note", models.CharField(blank=True, default="", max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name="Handoff",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("note", models.CharField(blank=True, default="", max_length=2000)),
                ("effective_at", models.DateTimeField()),
                ("moved_days", models.PositiveSmallIntegerField(default=0)),
                ("shadow_days", models.PositiveSmallIntegerField(default=0)),
                ("state", models.CharField(default="draft", max_length=10)),
                ("offered_at", models.DateTimeField(blank=True, null=True)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
            ],
        ),
        migrations.CreateModel(
            name="HandoffCheck",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("code", models.CharField(max_length=40)),
                ("label", models.CharField(max_length=200)),
                ("is_required", models.BooleanField(default=True)),
                ("state", models.CharField(default="open", max_length=8)),
                ("at", models.DateTimeField(blank=True, null=True)),
                ("note", models.CharField(blank=True, default="", max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name="HandoffItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("duty", models.SmallIntegerField(default=1)),
                ("rank", models.SmallIntegerField(default=1)),
                ("state", models.CharField(default="offered", max_length=10)),
                ("decided_at", models.DateTimeField(blank=True, null=True)),
                ("reason", models.CharField(blank=True, default="", max_length=500)),
                ("in_force_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ReviewCampaign",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("quarter_start", models.DateField(unique=True)),
                ("started_at", models.DateTimeField()),
                ("due_at", models.DateTimeField()),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
            ],
        ),
        migrations.CreateModel(
            name="ReviewItem",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.CharField(max_length=10)),
                ("answered_at", models.DateTimeField(blank=True, null=True)),
                ("note", models.CharField(blank=True, default="", max_length=500)),
            ],
        ),
        migrations.CreateModel(
            name="Talk",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("at", models.DateTimeField()),
                ("note", models.CharField(blank=True, default="", max_length=1000)),
                ("outcome", models.CharField(blank=True, default="", max_length=10)),
                ("outcome_note", models.CharField(blank=True, default="", max_length=1000)),
                ("next_at", models.DateTimeField(blank=True, null=True)),
                ("held_at", models.DateTimeField(blank=True, null=True)),
                ("created_at", models.DateTimeField()),
                ("version", models.PositiveIntegerField(default=1)),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="asset",
            trigger=pgtrigger.compiler.Trigger(
                name="touch_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nINSERT INTO ownership_boundarycheck (asset_id, due_at)\nSELECT DISTINCT row.id, portal_now() FROM new_rows AS row  ORDER BY 1\nON CONFLICT (asset_id) DO UPDATE SET due_at = least(ownership_boundarycheck.due_at, excluded.due_at);\nRETURN NULL;\n",
                    hash="c2cf1ab03146399d532169806c2da126f575fc99",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_touch_insert_731cb",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="ownership_asset",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="asset",
            trigger=pgtrigger.compiler.Trigger(
                name="touch_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nINSERT INTO ownership_boundarycheck (asset_id, due_at)\nSELECT DISTINCT row.id, portal_now() FROM new_rows AS row JOIN old_rows AS before USING (id) WHERE before.kind IS DISTINCT FROM row.kind OR before.domain_id IS DISTINCT FROM row.domain_id OR before.tier IS DISTINCT FROM row.tier OR before.downstream_count IS DISTINCT FROM row.downstream_count OR before.documents_id IS DISTINCT FROM row.documents_id OR before.retired_at IS DISTINCT FROM row.retired_at OR before.unowned_until IS DISTINCT FROM row.unowned_until ORDER BY 1\nON CONFLICT (asset_id) DO UPDATE SET due_at = least(ownership_boundarycheck.due_at, excluded.due_at);\nRETURN NULL;\n",
                    hash="c2644f39a786542fc189b8a0f7097c9f8253c474",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_touch_update_45a3e",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="ownership_asset",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="evidence",
            trigger=pgtrigger.compiler.Trigger(
                name="touch_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nINSERT INTO ownership_boundarycheck (asset_id, due_at)\nSELECT DISTINCT row.asset_id, portal_now() FROM new_rows AS row  ORDER BY 1\nON CONFLICT (asset_id) DO UPDATE SET due_at = least(ownership_boundarycheck.due_at, excluded.due_at);\nRETURN NULL;\n",
                    hash="8d2de1cb9edfd0591a6486afc9db965220893414",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_touch_insert_5464d",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="ownership_evidence",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ownership",
            trigger=pgtrigger.compiler.Trigger(
                name="touch_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nINSERT INTO ownership_boundarycheck (asset_id, due_at)\nSELECT DISTINCT row.asset_id, portal_now() FROM new_rows AS row  ORDER BY 1\nON CONFLICT (asset_id) DO UPDATE SET due_at = least(ownership_boundarycheck.due_at, excluded.due_at);\nRETURN NULL;\n",
                    hash="b88b5db6f6e6c5d5d9800d0842e468e64f6ad333",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_touch_insert_b97ff",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="ownership_ownership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ownership",
            trigger=pgtrigger.compiler.Trigger(
                name="touch_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nINSERT INTO ownership_boundarycheck (asset_id, due_at)\nSELECT DISTINCT row.asset_id, portal_now() FROM new_rows AS row JOIN old_rows AS before USING (id) WHERE to_jsonb(before) IS DISTINCT FROM to_jsonb(row) ORDER BY 1\nON CONFLICT (asset_id) DO UPDATE SET due_at = least(ownership_boundarycheck.due_at, excluded.due_at);\nRETURN NULL;\n",
                    hash="ffb4e18f00c4d53eeb7a93bd9d9de91e93630355",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_touch_update_5d325",
                    referencing="REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ",
                    table="ownership_ownership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ownership",
            trigger=pgtrigger.compiler.Trigger(
                name="active_holder_insert",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF EXISTS (\n    SELECT 1 FROM new_rows AS row JOIN accounts_person AS person ON person.id = row.person_id\n    WHERE row.state = 'accepted' AND upper_inf(row.valid) AND person.state = 'inactive'\n) THEN\n    RAISE EXCEPTION 'nothing rests on an inactive person' USING ERRCODE = 'check_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="05a425342b433253020a071cb11c728d5cea578b",
                    level="STATEMENT",
                    operation="INSERT",
                    pgid="pgtrigger_active_holder_insert_bbb7b",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="ownership_ownership",
                    when="AFTER",
                ),
            ),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="ownership",
            trigger=pgtrigger.compiler.Trigger(
                name="active_holder_update",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="\nIF EXISTS (\n    SELECT 1 FROM new_rows AS row JOIN accounts_person AS person ON person.id = row.person_id\n    WHERE row.state = 'accepted' AND upper_inf(row.valid) AND person.state = 'inactive'\n) THEN\n    RAISE EXCEPTION 'nothing rests on an inactive person' USING ERRCODE = 'check_violation';\nEND IF;\nRETURN NULL;\n",
                    hash="d05662c2b4a246096e7d2af04b1eae9f8a9624f2",
                    level="STATEMENT",
                    operation="UPDATE",
                    pgid="pgtrigger_active_holder_update_c4b10",
                    referencing="REFERENCING NEW TABLE AS new_rows ",
                    table="ownership_ownership",
                    when="AFTER",
                ),
            ),
        ),
        migrations.AddField(
            model_name="crossing",
            name="agreed_by",
            field=models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="crossing",
            name="asset",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="crossings", to="ownership.asset"
            ),
        ),
        migrations.AddField(
            model_name="crossing",
            name="person",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="crossing",
            name="rule",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ownership.crossingrule"
            ),
        ),
        migrations.AddField(
            model_name="crossing",
            name="team",
            field=models.ForeignKey(
                blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.team"
            ),
        ),
        migrations.AddField(
            model_name="crossingstep",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="crossingstep",
            name="crossing",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="steps", to="ownership.crossing"
            ),
        ),
        migrations.AddField(
            model_name="handoff",
            name="created_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handoff",
            name="from_person",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handoff",
            name="from_team",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.team"
            ),
        ),
        migrations.AddField(
            model_name="handoff",
            name="to_person",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handoff",
            name="to_team",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.team"
            ),
        ),
        migrations.AddField(
            model_name="crossing",
            name="handoff",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="crossings",
                to="ownership.handoff",
            ),
        ),
        migrations.AddField(
            model_name="handoffcheck",
            name="asset",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ownership.asset"
            ),
        ),
        migrations.AddField(
            model_name="handoffcheck",
            name="by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handoffcheck",
            name="handoff",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="checks", to="ownership.handoff"
            ),
        ),
        migrations.AddField(
            model_name="handoffitem",
            name="asset",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ownership.asset"
            ),
        ),
        migrations.AddField(
            model_name="handoffitem",
            name="decided_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="handoffitem",
            name="handoff",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="items", to="ownership.handoff"
            ),
        ),
        migrations.AddField(
            model_name="reviewitem",
            name="answered_by",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="reviewitem",
            name="campaign",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="items", to="ownership.reviewcampaign"
            ),
        ),
        migrations.AddField(
            model_name="reviewitem",
            name="ownership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ownership.ownership"
            ),
        ),
        migrations.AddField(
            model_name="talk",
            name="attendees",
            field=models.ManyToManyField(related_name="+", to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name="talk",
            name="created_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT, related_name="+", to=settings.AUTH_USER_MODEL
            ),
        ),
        migrations.AddField(
            model_name="talk",
            name="doing_team",
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.team"),
        ),
        migrations.AddField(
            model_name="talk",
            name="domain",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="ownership.domain"
            ),
        ),
        migrations.AddField(
            model_name="talk",
            name="expected_team",
            field=models.ForeignKey(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="+", to="accounts.team"
            ),
        ),
        # After the columns it is made of.
        migrations.AddField(
            model_name="crossing",
            name="party_key",
            field=models.GeneratedField(
                        db_persist=True,
                        expression=django.db.models.functions.comparison.Coalesce(
                            models.F("person_id"),
                            django.db.models.expressions.CombinedExpression(models.F("team_id"), "*", models.Value(-1)),
                        ),
                        output_field=models.BigIntegerField(),
                    ),
        ),
        migrations.AddIndex(
            model_name="crossingstep",
            index=models.Index(fields=["crossing", "at"], name="ownership_crossingstep_at"),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name="crossingstep",
            trigger=pgtrigger.compiler.Trigger(
                name="append_only",
                sql=pgtrigger.compiler.UpsertTriggerSql(
                    func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;",
                    hash="e3db2e4d8c9c1e99f60c4aa5ef00be0cef85a3ba",
                    operation="UPDATE OR DELETE",
                    pgid="pgtrigger_append_only_3eb2e",
                    table="ownership_crossingstep",
                    when="BEFORE",
                ),
            ),
        ),
        migrations.AddIndex(
            model_name="handoff",
            index=models.Index(
                condition=models.Q(("state", "offered")), fields=["to_person"], name="ownership_handoff_to_person"
            ),
        ),
        migrations.AddIndex(
            model_name="handoff",
            index=models.Index(
                condition=models.Q(("state", "offered")), fields=["to_team"], name="ownership_handoff_to_team"
            ),
        ),
        migrations.AddConstraint(
            model_name="handoff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("from_person__isnull", False), ("from_team__isnull", True)),
                    models.Q(("from_person__isnull", True), ("from_team__isnull", False)),
                    _connector="OR",
                ),
                name="ownership_handoff_from",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("to_person__isnull", False), ("to_team__isnull", True)),
                    models.Q(("to_person__isnull", True), ("to_team__isnull", False)),
                    _connector="OR",
                ),
                name="ownership_handoff_to",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoff",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("draft", "offered", "closed", "expired", "withdrawn"))),
                name="ownership_handoff_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoff",
            constraint=models.CheckConstraint(
                condition=models.Q(("shadow_days__lte", 30)), name="ownership_handoff_shadow_days"
            ),
        ),
        migrations.AddConstraint(
            model_name="handoff",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state", "draft"), ("state", "withdrawn"), ("offered_at__isnull", False), _connector="OR"
                ),
                name="ownership_handoff_offered",
            ),
        ),
        migrations.AddIndex(
            model_name="crossing",
            index=django.contrib.postgres.indexes.GistIndex(fields=["valid"], name="ownership_crossing_valid"),
        ),
        migrations.AddIndex(
            model_name="crossing",
            index=models.Index(
                condition=models.Q(("valid__upper_inf", True)), fields=["asset"], name="ownership_crossing_asset"
            ),
        ),
        migrations.AddConstraint(
            model_name="crossing",
            constraint=models.UniqueConstraint(
                condition=models.Q(("valid__upper_inf", True)),
                fields=("asset", "party_key", "rule"),
                name="ownership_crossing_open",
            ),
        ),
        migrations.AddConstraint(
            model_name="crossing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("person__isnull", False), ("team__isnull", True)),
                    models.Q(("person__isnull", True), ("team__isnull", False)),
                    _connector="OR",
                ),
                name="ownership_crossing_one_party",
            ),
        ),
        migrations.AddConstraint(
            model_name="crossing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("open", "talking", "handover", "accepted", "dismissed", "resolved", "void"))
                ),
                name="ownership_crossing_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="crossing",
            constraint=models.CheckConstraint(
                condition=models.Q(("level__in", ("critical", "high", "medium", "low"))),
                name="ownership_crossing_level",
            ),
        ),
        migrations.AddConstraint(
            model_name="crossing",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "accepted"), _negated=True), ("accepted_until__isnull", False), _connector="OR"
                ),
                name="ownership_crossing_accepted",
            ),
        ),
        migrations.AddConstraint(
            model_name="crossing",
            constraint=models.CheckConstraint(
                condition=models.Q(("valid__isempty", True), ("valid__startswith__isnull", False), _connector="OR"),
                name="ownership_crossing_begins",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoffcheck",
            constraint=models.UniqueConstraint(
                fields=("handoff", "asset", "code"), name="ownership_handoffcheck_once", nulls_distinct=False
            ),
        ),
        migrations.AddConstraint(
            model_name="handoffcheck",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("open", "done", "waived"))), name="ownership_handoffcheck_state"
            ),
        ),
        migrations.AddConstraint(
            model_name="handoffitem",
            constraint=models.UniqueConstraint(fields=("handoff", "asset", "duty"), name="ownership_handoffitem_once"),
        ),
        migrations.AddConstraint(
            model_name="handoffitem",
            constraint=models.UniqueConstraint(
                condition=models.Q(("state", "offered")),
                fields=("asset", "duty"),
                name="ownership_handoffitem_one_offer",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoffitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ("offered", "accepted", "declined", "withdrawn", "expired"))),
                name="ownership_handoffitem_state",
            ),
        ),
        migrations.AddConstraint(
            model_name="handoffitem",
            constraint=models.CheckConstraint(
                condition=models.Q(("rank__gte", 1), ("rank__lte", 5)), name="ownership_handoffitem_rank"
            ),
        ),
        migrations.AddConstraint(
            model_name="handoffitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("state", "declined"), _negated=True),
                    models.Q(("reason", ""), _negated=True),
                    _connector="OR",
                ),
                name="ownership_handoffitem_decline_says_why",
            ),
        ),
        migrations.AddConstraint(
            model_name="reviewitem",
            constraint=models.UniqueConstraint(fields=("campaign", "ownership"), name="ownership_reviewitem_once"),
        ),
        migrations.AddConstraint(
            model_name="reviewitem",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("state__in", ("auto", "asked", "silent", "mine", "hand_over", "not_mine", "retire"))
                ),
                name="ownership_reviewitem_state",
            ),
        ),
        migrations.AddIndex(
            model_name="talk",
            index=models.Index(fields=["doing_team", "expected_team"], name="ownership_talk_pair"),
        ),
        migrations.AddConstraint(
            model_name="talk",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["", "handover", "accept", "rule", "plan", "none"])),
                name="ownership_talk_outcome",
            ),
        ),
        migrations.AddConstraint(
            model_name="talk",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("held_at", None), ("outcome", "")),
                    models.Q(models.Q(("outcome", ""), _negated=True), ("held_at__isnull", False)),
                    _connector="OR",
                ),
                name="ownership_talk_held",
            ),
        ),
        migrations.AddConstraint(
            model_name="talk",
            constraint=models.CheckConstraint(
                condition=models.Q(("doing_team", models.F("expected_team")), _negated=True),
                name="ownership_talk_two_teams",
            ),
        ),
        migrations.RunSQL(
            # The other side of the same rule: an account cannot end while it is still accountable for something.
            sql="""
                CREATE FUNCTION ownership_refuse_inactive() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    IF EXISTS (
                        SELECT 1 FROM ownership_ownership AS row
                        WHERE row.party_key = NEW.id AND row.state = 'accepted' AND upper_inf(row.valid)
                    ) THEN
                        RAISE EXCEPTION 'nothing rests on an inactive person' USING ERRCODE = 'check_violation';
                    END IF;
                    RETURN NULL;
                END
                $$;
                CREATE TRIGGER ownership_no_inactive_holder AFTER UPDATE OF state ON accounts_person
                FOR EACH ROW WHEN (NEW.state = 'inactive' AND OLD.state <> 'inactive')
                EXECUTE FUNCTION ownership_refuse_inactive();
            """,
            reverse_sql="""
                DROP TRIGGER ownership_no_inactive_holder ON accounts_person;
                DROP FUNCTION ownership_refuse_inactive();
            """,
        ),
    ]
