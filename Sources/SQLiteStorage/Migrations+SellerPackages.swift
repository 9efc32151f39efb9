extension Migrations {
  /// `listing_slot_counts` follows from purchases and slots; the adapter keeps it in step. Times
  /// and ids are as in the steps before.
  static let sellers = """
    CREATE TABLE seller_packages (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      description TEXT NOT NULL,
      price_currency TEXT NOT NULL,
      price_units INTEGER NOT NULL,
      price_nanos INTEGER NOT NULL,
      duration_days INTEGER NOT NULL,
      listing_limit INTEGER,  -- NULL is unlimited
      features TEXT NOT NULL,
      is_active INTEGER NOT NULL,
      create_time INTEGER NOT NULL,
      update_time INTEGER NOT NULL,
      revision INTEGER NOT NULL,
      checksum INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX seller_packages_by_name ON seller_packages (name);
    CREATE INDEX seller_packages_active ON seller_packages (id) WHERE is_active = 1;

    CREATE TABLE purchases (
      id INTEGER PRIMARY KEY,
      user_id TEXT NOT NULL,
      package_id INTEGER NOT NULL,
      package_name TEXT NOT NULL,
      start_time INTEGER NOT NULL,
      end_time INTEGER NOT NULL,
      is_replaced INTEGER NOT NULL,
      listing_limit INTEGER,
      features TEXT NOT NULL,
      periods TEXT NOT NULL,  -- five texts for each
      transaction_id TEXT NOT NULL,
      charged_currency TEXT NOT NULL,
      charged_units INTEGER NOT NULL,
      charged_nanos INTEGER NOT NULL,
      credit_currency TEXT NOT NULL,
      credit_units INTEGER NOT NULL,
      credit_nanos INTEGER NOT NULL,
      payment_method INTEGER,
      receipt_number TEXT NOT NULL,
      revision INTEGER NOT NULL,
      checksum INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX purchases_by_user ON purchases (user_id, id, package_id);
    CREATE INDEX purchases_by_package ON purchases (package_id, id);
    CREATE INDEX purchases_by_end ON purchases (package_id, end_time) WHERE is_replaced = 0;

    CREATE TABLE listing_slots (
      purchase_id INTEGER NOT NULL,
      listing_id TEXT NOT NULL,
      create_time INTEGER NOT NULL,
      expire_time INTEGER,  -- NULL once it is committed
      checksum INTEGER NOT NULL,
      PRIMARY KEY (purchase_id, listing_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX listing_slots_by_expiry ON listing_slots (expire_time, purchase_id, listing_id)
      WHERE expire_time IS NOT NULL;
    CREATE INDEX listing_slots_by_purchase ON listing_slots (purchase_id, expire_time, listing_id)
      WHERE expire_time IS NOT NULL;
    CREATE TABLE listing_slot_counts (
      purchase_id INTEGER PRIMARY KEY, user_id TEXT NOT NULL, held INTEGER NOT NULL,
      committed INTEGER NOT NULL, checksum INTEGER NOT NULL
    ) STRICT;

    CREATE TABLE payment_intents (
      id BLOB NOT NULL UNIQUE,
      user_id TEXT NOT NULL,
      email TEXT NOT NULL,
      state INTEGER NOT NULL,  -- 1 and 2 are open
      amount_currency TEXT NOT NULL,
      amount_units INTEGER NOT NULL,
      amount_nanos INTEGER NOT NULL,
      method INTEGER NOT NULL,
      card_brand TEXT NOT NULL,
      card_last_four TEXT NOT NULL,
      package_id INTEGER NOT NULL,
      package_name TEXT NOT NULL,
      listing_limit INTEGER,
      features TEXT NOT NULL,
      price_currency TEXT NOT NULL,
      price_units INTEGER NOT NULL,
      price_nanos INTEGER NOT NULL,
      credit_currency TEXT NOT NULL,
      credit_units INTEGER NOT NULL,
      credit_nanos INTEGER NOT NULL,
      start_time INTEGER NOT NULL,
      end_time INTEGER NOT NULL,
      renewed_purchase_id INTEGER NOT NULL,
      replaced_purchase_id INTEGER NOT NULL,
      origin_actor TEXT NOT NULL,
      origin_method TEXT NOT NULL,
      origin_request_id TEXT NOT NULL,
      origin_request_hash BLOB NOT NULL,
      transaction_id TEXT NOT NULL,
      decline_code TEXT NOT NULL,
      create_time INTEGER NOT NULL,
      check_count INTEGER NOT NULL,
      last_check_time INTEGER,
      next_check_time INTEGER,
      gateway TEXT NOT NULL,
      checksum INTEGER NOT NULL
    ) STRICT;
    CREATE UNIQUE INDEX payment_intents_open_by_user ON payment_intents (user_id)
      WHERE state <= 2;
    CREATE INDEX payment_intents_open ON payment_intents (id) WHERE state <= 2;
    CREATE INDEX payment_intents_due ON payment_intents (next_check_time, id) WHERE state <= 2;

    CREATE TABLE sandbox_charges (
      intent_id BLOB PRIMARY KEY,
      outcome INTEGER NOT NULL,
      amount_currency TEXT NOT NULL,
      amount_units INTEGER NOT NULL,
      amount_nanos INTEGER NOT NULL,
      transaction_id TEXT NOT NULL,
      decline_code TEXT NOT NULL,
      visible_time INTEGER NOT NULL,
      checksum INTEGER NOT NULL
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE receipts (
      series TEXT NOT NULL,
      sequence INTEGER NOT NULL,
      user_id TEXT NOT NULL,
      purchase_id INTEGER NOT NULL,
      package_id INTEGER NOT NULL,
      package_name TEXT NOT NULL,
      price_currency TEXT NOT NULL,
      price_units INTEGER NOT NULL,
      price_nanos INTEGER NOT NULL,
      credit_currency TEXT NOT NULL,
      credit_units INTEGER NOT NULL,
      credit_nanos INTEGER NOT NULL,
      charged_currency TEXT NOT NULL,
      charged_units INTEGER NOT NULL,
      charged_nanos INTEGER NOT NULL,
      start_time INTEGER NOT NULL,
      end_time INTEGER NOT NULL,
      payment_method INTEGER,
      card_brand TEXT NOT NULL,
      card_last_four TEXT NOT NULL,
      transaction_id TEXT NOT NULL,
      issue_time INTEGER NOT NULL,
      checksum INTEGER NOT NULL,
      UNIQUE (series, sequence)
    ) STRICT;

    CREATE TABLE outbox_mails (
      id BLOB NOT NULL UNIQUE,
      message_id TEXT NOT NULL,
      recipient TEXT NOT NULL,
      subject TEXT NOT NULL,
      body TEXT NOT NULL,
      create_time INTEGER NOT NULL,
      attempts INTEGER NOT NULL,
      next_attempt_time INTEGER,  -- NULL is never
      last_error TEXT NOT NULL,
      checksum INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX outbox_mails_due ON outbox_mails (next_attempt_time, id, create_time)
      WHERE next_attempt_time IS NOT NULL;
    CREATE INDEX outbox_mails_dead ON outbox_mails (next_attempt_time)
      WHERE next_attempt_time IS NULL
    """

  /// A payment that is over may still be looked for, and a refund that is owed keeps its user from
  /// nothing.
  static let refunds = """
    ALTER TABLE payment_intents ADD COLUMN refund_failures INTEGER;
    DROP INDEX payment_intents_open;
    DROP INDEX payment_intents_due;
    CREATE INDEX payment_intents_unresolved ON payment_intents (id)
      WHERE state <= 2 OR state = 7;
    CREATE INDEX payment_intents_due ON payment_intents (next_check_time, id)
      WHERE next_check_time IS NOT NULL
    """

  static let unheardRenewals = """
    ALTER TABLE payment_intents ADD COLUMN unheard_until INTEGER;
    CREATE INDEX payment_intents_unheard ON payment_intents (renewed_purchase_id, id)
      WHERE unheard_until IS NOT NULL
    """
}
