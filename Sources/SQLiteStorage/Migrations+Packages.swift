extension Migrations {
  /// Ids are 16 bytes, big-endian. Lists and maps are one text each (``TextList``).
  ///
  /// Columns that are added to a table stand behind its checksum. In the rows that are there
  /// already they are NULL, which the checksum passes over.
  ///
  /// `package_domains`, `package_users`, `package_counts`, `package_resource_counts` and
  /// `package_change_ages` follow from the other tables; the adapter keeps them in step.
  static let packages = """
    ALTER TABLE plans ADD COLUMN disk_space_overuse INTEGER;
    ALTER TABLE plans ADD COLUMN bandwidth_overuse INTEGER;
    ALTER TABLE plan_versions ADD COLUMN disk_space_overuse INTEGER;
    ALTER TABLE plan_versions ADD COLUMN bandwidth_overuse INTEGER;

    DROP TABLE hosting_packages;
    CREATE TABLE hosting_packages (
      id BLOB NOT NULL UNIQUE,
      account_id TEXT NOT NULL,
      name TEXT NOT NULL,
      domain_name TEXT NOT NULL,
      extra_domain_names TEXT NOT NULL,
      document_roots TEXT NOT NULL,
      plan_id INTEGER NOT NULL,
      plan_code TEXT NOT NULL,
      plan_version INTEGER NOT NULL,
      suspensions TEXT NOT NULL,
      username TEXT NOT NULL,
      stack_users TEXT NOT NULL,
      php_version TEXT NOT NULL,
      php_memory_limit_mb INTEGER NOT NULL,
      php_max_execution_time_s INTEGER NOT NULL,
      php_upload_max_mb INTEGER NOT NULL,
      ssl_enabled INTEGER NOT NULL,
      force_https INTEGER NOT NULL,
      backup_enabled INTEGER NOT NULL,
      http2_enabled INTEGER NOT NULL,
      custom TEXT NOT NULL,
      configuration_update_time INTEGER NOT NULL,
      configuration_revision INTEGER NOT NULL,
      create_time INTEGER NOT NULL,
      update_time INTEGER NOT NULL,
      delete_time INTEGER,
      purge_time INTEGER,
      revision INTEGER NOT NULL,
      checksum INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX hosting_packages_by_account ON hosting_packages (account_id, id);
    CREATE INDEX hosting_packages_by_plan ON hosting_packages (plan_id, id);
    CREATE INDEX hosting_packages_by_purge ON hosting_packages (purge_time, id)
      WHERE delete_time IS NOT NULL AND purge_time IS NOT NULL;

    CREATE TABLE package_credentials (
      username TEXT PRIMARY KEY, package_id BLOB NOT NULL, password_hash TEXT NOT NULL,
      checksum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE package_domains (
      domain_name TEXT PRIMARY KEY, package_id BLOB NOT NULL, checksum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE package_users (
      account_id TEXT NOT NULL, user_id TEXT NOT NULL, package_id BLOB NOT NULL,
      checksum INTEGER NOT NULL,
      PRIMARY KEY (account_id, user_id, package_id)
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE package_counts (
      account_id TEXT PRIMARY KEY, live INTEGER NOT NULL, checksum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE package_resources (
      id BLOB NOT NULL,
      package_id BLOB NOT NULL,
      kind INTEGER NOT NULL,
      name TEXT NOT NULL,
      create_time INTEGER NOT NULL,
      checksum INTEGER NOT NULL,
      PRIMARY KEY (package_id, id)
    ) STRICT, WITHOUT ROWID;
    CREATE UNIQUE INDEX package_resources_by_id ON package_resources (id);
    CREATE UNIQUE INDEX package_resources_by_name ON package_resources (package_id, kind, name);
    CREATE INDEX package_resources_by_kind ON package_resources (package_id, kind, id);
    CREATE TABLE package_resource_counts (
      package_id BLOB NOT NULL, kind INTEGER NOT NULL, count INTEGER NOT NULL,
      checksum INTEGER NOT NULL,
      PRIMARY KEY (package_id, kind)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE usage_events (
      account_id TEXT NOT NULL,
      event_id TEXT NOT NULL,
      content_hash_high INTEGER NOT NULL,  -- 128 bits in two halves
      content_hash_low INTEGER NOT NULL,
      observed_time INTEGER NOT NULL,
      checksum INTEGER NOT NULL,
      PRIMARY KEY (account_id, event_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX usage_events_by_age ON usage_events (observed_time);

    CREATE TABLE package_bandwidth (
      package_id BLOB NOT NULL,
      span INTEGER NOT NULL,
      start_time INTEGER NOT NULL,
      in_bytes INTEGER NOT NULL,
      out_bytes INTEGER NOT NULL,
      requests INTEGER NOT NULL,
      as_of INTEGER NOT NULL,
      checksum INTEGER NOT NULL,
      PRIMARY KEY (package_id, span, start_time)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX package_bandwidth_by_age ON package_bandwidth (span, start_time);

    CREATE TABLE disk_scans (
      package_id BLOB PRIMARY KEY, scan_time INTEGER NOT NULL, total_bytes INTEGER NOT NULL,
      total_files INTEGER NOT NULL, checksum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE TABLE disk_scan_contents (
      package_id BLOB NOT NULL UNIQUE, content BLOB NOT NULL, checksum INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE package_changes (
      account_id TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      package_id BLOB NOT NULL,
      kind INTEGER NOT NULL,
      time INTEGER NOT NULL,
      package BLOB NOT NULL,
      age_time INTEGER NOT NULL,  -- the latest time up to this change in its log
      checksum INTEGER NOT NULL,
      UNIQUE (account_id, sequence)
    ) STRICT;
    -- All but the newest of each account, which is not deleted however old it is.
    CREATE TABLE package_change_ages (
      age_time INTEGER NOT NULL, account_id TEXT NOT NULL, sequence INTEGER NOT NULL,
      checksum INTEGER NOT NULL,
      PRIMARY KEY (age_time, account_id, sequence)
    ) STRICT, WITHOUT ROWID
    """
}
