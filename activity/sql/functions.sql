-- Whose something is: the account, its reseller (or itself) and the domain, as they are now. A person is in
-- every account that they have a place in, so there may be several rows; nothing found: no row.
CREATE FUNCTION activity_places(leads text, parent bigint)
RETURNS TABLE (account_id bigint, top_id bigint, account_name text, domain_name text, parent_name text)
LANGUAGE plpgsql STABLE AS $$
BEGIN
    IF leads = 'account' THEN
        RETURN QUERY SELECT a.id, COALESCE(a.reseller_id, a.id), a.name::text, ''::text, a.name::text
            FROM accounts_account a WHERE a.id = parent;
    ELSIF leads = 'domain' THEN
        RETURN QUERY SELECT a.id, COALESCE(a.reseller_id, a.id), a.name::text, d.name::text, d.display_name::text
            FROM accounts_domain d JOIN accounts_account a ON a.id = d.account_id WHERE d.id = parent;
    ELSIF leads = 'mail_domain' THEN
        RETURN QUERY SELECT p.* FROM mailboxes_maildomain m, activity_places('domain', m.domain_id) p
            WHERE m.id = parent;
    ELSIF leads = 'zone' THEN
        RETURN QUERY SELECT p.* FROM dnszone_zone z, activity_places('domain', z.domain_id) p
            WHERE z.id = parent;
    ELSIF leads = 'mailbox' THEN
        RETURN QUERY SELECT p.account_id, p.top_id, p.account_name, p.domain_name, b.address::text
            FROM mailboxes_mailbox b, activity_places('mail_domain', b.mail_domain_id) p WHERE b.id = parent;
    ELSIF leads = 'membership' THEN
        RETURN QUERY SELECT p.account_id, p.top_id, p.account_name, p.domain_name, u.email::text
            FROM accounts_membership m JOIN accounts_user u ON u.id = m.user_id,
                 activity_places('account', m.account_id) p WHERE m.id = parent;
    ELSIF leads = 'user' THEN
        RETURN QUERY SELECT p.account_id, p.top_id, p.account_name, ''::text, u.email::text
            FROM accounts_user u LEFT JOIN accounts_membership m ON m.user_id = u.id
                 LEFT JOIN LATERAL activity_places('account', m.account_id) p ON true WHERE u.id = parent;
    END IF;
END
$$;

-- The object as people know it: these columns of its row.
CREATE FUNCTION activity_name(row_ jsonb, name_by text[]) RETURNS text LANGUAGE sql IMMUTABLE AS $$
    SELECT COALESCE(string_agg(row_->>column_, ' ' ORDER BY place), '')
    FROM unnest(name_by) WITH ORDINALITY AS columns (column_, place)
$$;

-- Columns that say something alone: [null, value], or [value, null].
CREATE FUNCTION activity_whole(row_ jsonb, said text[], made boolean) RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT COALESCE(jsonb_object_agg(key, CASE WHEN made THEN jsonb_build_array(NULL, value)
                                               ELSE jsonb_build_array(value, NULL) END), '{}')
    FROM jsonb_each(row_)
    WHERE key = ANY (said) AND value NOT IN ('null', '""', '[]', '{}', 'false')
$$;

-- What differs: [before, after]; of a hushed column only that it does.
CREATE FUNCTION activity_differs(before jsonb, after jsonb, said text[], hushed text[])
RETURNS jsonb LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_object_agg(a.key, CASE WHEN a.key = ANY (said) THEN jsonb_build_array(b.value, a.value)
                                        ELSE '[null, null]' END)
    FROM jsonb_each(after) a JOIN jsonb_each(before) b ON b.key = a.key AND b.value <> a.value
    WHERE a.key = ANY (said) OR a.key = ANY (hushed)
$$;

-- Keys as the names that they stood for when it happened.
CREATE FUNCTION activity_spelled(diff jsonb) RETURNS jsonb LANGUAGE plpgsql STABLE AS $$
DECLARE
    key_ text;
BEGIN
    FOREACH key_ IN ARRAY ARRAY['plan_id', 'reseller_id', 'node_id', 'mail_host_node_id'] LOOP
        IF diff ? key_ THEN
            diff := jsonb_set(diff, ARRAY[key_], (
                SELECT jsonb_agg(CASE key_
                    WHEN 'plan_id' THEN (SELECT p.name FROM accounts_plan p WHERE p.id = value::bigint)
                    WHEN 'reseller_id' THEN (SELECT a.name FROM accounts_account a WHERE a.id = value::bigint)
                    ELSE (SELECT n.name FROM provision_node n WHERE n.id = value::bigint) END ORDER BY place)
                FROM jsonb_array_elements_text(diff->key_) WITH ORDINALITY AS both_ (value, place)));
        END IF;
    END LOOP;
    RETURN diff;
END
$$;

-- Arguments: see activity.watching.Watch and watch(). The table's key is "id".
-- Compiling (jit) costs a single change ten times what it takes, and so does planning it anew every time.
CREATE FUNCTION activity_note() RETURNS trigger LANGUAGE plpgsql
SET jit = off SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    model_ text := TG_ARGV[0];
    leads text := TG_ARGV[1];
    lead_by text := TG_ARGV[2];
    name_by text[] := string_to_array(TG_ARGV[3], ',');
    domain_by text := TG_ARGV[4];
    hushed text[] := string_to_array(TG_ARGV[7], ',');
    said text[];
    mute text[];
    meta jsonb;
    actor record;
    objects bigint[];
    rows_ jsonb[];
    diffs jsonb[];
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF NOT EXISTS (SELECT FROM old_rows) THEN RETURN NULL; END IF;
    ELSIF NOT EXISTS (SELECT FROM new_rows) THEN
        RETURN NULL;
    END IF;

    IF TG_ARGV[5] LIKE 'table:%' THEN
        SELECT COALESCE(array_agg(attname::text), '{}') INTO said FROM pg_attribute
        WHERE attrelid = to_regclass(substr(TG_ARGV[5], 7)) AND attnum > 0 AND NOT attisdropped
          AND attname NOT LIKE 'pgh\_%' AND attname::text <> ALL (string_to_array(TG_ARGV[6], ','));
    ELSE
        said := string_to_array(TG_ARGV[5], ',');
    END IF;

    IF TG_OP = 'INSERT' THEN
        SELECT array_agg((r->>'id')::bigint), array_agg(r), array_agg(activity_whole(r, said, true))
        INTO objects, rows_, diffs FROM (SELECT to_jsonb(n) AS r FROM new_rows n) made;
    ELSIF TG_OP = 'DELETE' THEN
        SELECT array_agg((r->>'id')::bigint), array_agg(r), array_agg(activity_whole(r, said, false))
        INTO objects, rows_, diffs FROM (SELECT to_jsonb(o) AS r FROM old_rows o) gone;
    ELSE
        SELECT COALESCE(array_agg(attname::text), '{}') INTO mute FROM pg_attribute
        WHERE attrelid = TG_RELID AND attnum > 0 AND NOT attisdropped
          AND attname::text <> ALL (said) AND attname::text <> ALL (hushed);
        SELECT array_agg((after->>'id')::bigint), array_agg(after),
               array_agg(activity_differs(before, after, said, hushed))
        INTO objects, rows_, diffs
        FROM (SELECT to_jsonb(o) AS before, to_jsonb(n) AS after FROM new_rows n JOIN old_rows o USING (id)
              OFFSET 0) pairs
        WHERE before - mute <> after - mute;
    END IF;
    IF objects IS NULL THEN RETURN NULL; END IF;

    meta := NULLIF(current_setting('pghistory.context_metadata', true), '')::jsonb;
    SELECT COALESCE(u.email, meta->>'mailbox', '') AS who, COALESCE(u.name, '') AS who_name, u.id AS user_id,
           CASE WHEN meta IS NULL THEN 'database' WHEN u.id IS NOT NULL THEN 'person'
                WHEN meta->>'mailbox' <> '' THEN 'mailbox'
                WHEN meta->>'url' LIKE 'command %' THEN 'command' ELSE 'panel' END AS via,
           NULLIF(meta->>'ip', '')::inet AS ip, COALESCE(client.name, '') AS for_name,
           COALESCE(reseller.name, '') AS as_name,
           NULLIF(current_setting('pghistory.context_id', true), '')::uuid AS context_id
    INTO actor
    FROM (SELECT) AS one
         LEFT JOIN accounts_user u ON u.id = (meta->>'user')::bigint
         LEFT JOIN accounts_account client ON client.id = (meta->>'acting_for')::bigint
         LEFT JOIN accounts_account reseller ON reseller.id = client.reseller_id;

    INSERT INTO activity_entry (at, account_id, top_id, account_name, domain_name, model, object_id, label, name,
                                diff, via, user_id, who, who_name, ip, acting_for_name, acting_as, context_id,
                                words)
    SELECT statement_timestamp(), said_.account_id, said_.top_id, said_.account_name, said_.domain_name, model_,
           said_.object_id, lower(TG_OP), left(said_.name, 400),
           CASE WHEN said_.diff ?| ARRAY['plan_id', 'reseller_id', 'node_id', 'mail_host_node_id']
                THEN activity_spelled(said_.diff) ELSE said_.diff END,
           actor.via, actor.user_id, actor.who,
           actor.who_name, actor.ip, actor.for_name, actor.as_name, actor.context_id,
           lower(concat_ws(' ', left(said_.name, 400), said_.domain_name, actor.who, actor.who_name))
    FROM (
        SELECT c.object_id, c.diff, COALESCE(place.account_id, own.account_id, last.account_id) AS account_id,
               COALESCE(place.top_id, own.top_id, last.top_id) AS top_id,
               COALESCE(place.account_name, own.account_name, last.account_name, '') AS account_name,
               COALESCE(CASE WHEN domain_by LIKE '=%' THEN c.row_->>substr(domain_by, 2) END,
                        domain.name, place.domain_name, last.domain_name, '') AS domain_name,
               COALESCE(NULLIF(CASE WHEN name_by = '{user_id}' THEN person.email
                                    ELSE activity_name(c.row_, name_by) END, ''),
                        place.parent_name, last.name, '') AS name
        FROM unnest(objects, rows_, diffs) AS c (object_id, row_, diff)
        LEFT JOIN (
            SELECT keys.parent, found.*
            FROM (SELECT DISTINCT (r->>lead_by)::bigint AS parent FROM unnest(rows_) r) keys,
                 activity_places(leads, keys.parent) found
        ) place ON place.parent = (c.row_->>lead_by)::bigint
        -- An account that is gone is found in its own row alone.
        LEFT JOIN LATERAL (
            SELECT c.object_id AS account_id, c.row_->>'name' AS account_name,
                   COALESCE((c.row_->>'reseller_id')::bigint, c.object_id) AS top_id
            WHERE place.parent IS NULL AND leads = 'account' AND lead_by = 'id'
        ) own ON true
        -- What it hung on is gone already, as SQL by hand may do it: what was known of the object before.
        LEFT JOIN LATERAL (
            SELECT e.account_id, e.top_id, e.account_name, e.domain_name::text, e.name
            FROM activity_entry e
            WHERE place.parent IS NULL AND e.model = model_ AND e.object_id = c.object_id
            ORDER BY e.id DESC LIMIT 1
        ) last ON true
        LEFT JOIN accounts_domain domain
            ON domain_by NOT LIKE '=%' AND domain_by <> '' AND domain.id = (c.row_->>domain_by)::bigint
        LEFT JOIN accounts_user person
            ON name_by = '{user_id}' AND person.id = (c.row_->>'user_id')::bigint
    ) said_;
    RETURN NULL;
END
$$;

-- What was written stays as it was.
CREATE FUNCTION activity_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'activity is written once';
END
$$;
CREATE TRIGGER activity_kept BEFORE UPDATE OR DELETE ON activity_entry
    FOR EACH STATEMENT EXECUTE FUNCTION activity_kept();
