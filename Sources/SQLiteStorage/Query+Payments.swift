/// An intent is open as long as its state is not above 2, and unresolved then or in state 7, which
/// the partial indexes say too.
extension Query {
  private static let intentColumns = """
    id, user_id, email, state, amount_currency, amount_units, amount_nanos, method, card_brand,
    card_last_four, package_id, package_name, listing_limit, features, price_currency,
    price_units, price_nanos, credit_currency, credit_units, credit_nanos, start_time, end_time,
    renewed_purchase_id, replaced_purchase_id, origin_actor, origin_method, origin_request_id,
    origin_request_hash, transaction_id, decline_code, create_time, check_count,
    last_check_time, next_check_time, gateway, refund_failures, unheard_until,
    checksum
    """

  static let paymentIntent = Query(
    "SELECT \(intentColumns) FROM payment_intents WHERE id = ?1")
  static let openPaymentIntent = Query(
    """
    SELECT \(intentColumns) FROM payment_intents INDEXED BY payment_intents_open_by_user
    WHERE user_id = ?1 AND state <= 2
    """)
  /// By limit, id to stay above.
  static let unresolvedPaymentIntents = Query(
    """
    SELECT \(intentColumns) FROM payment_intents INDEXED BY payment_intents_unresolved
    WHERE (state <= 2 OR state = 7) AND id > ?2 ORDER BY id LIMIT ?1
    """)
  /// By limit, id to stay above, user. There are few, whosever they are.
  static let unresolvedPaymentIntentsOfUser = Query(
    """
    SELECT \(intentColumns) FROM payment_intents INDEXED BY payment_intents_unresolved
    WHERE (state <= 2 OR state = 7) AND id > ?2 AND user_id = ?3 ORDER BY id LIMIT ?1
    """)
  /// By time, limit.
  static let paymentIntentsDue = Query(
    """
    SELECT \(intentColumns) FROM payment_intents INDEXED BY payment_intents_due
    WHERE next_check_time <= ?1 ORDER BY next_check_time, id LIMIT ?2
    """)
  static let unheardRenewal = Query(
    """
    SELECT \(intentColumns) FROM payment_intents INDEXED BY payment_intents_unheard
    WHERE renewed_purchase_id = ?1 AND unheard_until IS NOT NULL ORDER BY id DESC LIMIT 1
    """)
  static let insertPaymentIntent = Query(
    """
    INSERT INTO payment_intents (\(intentColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9,
      ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23, ?24, ?25, ?26, ?27,
      ?28, ?29, ?30, ?31, ?32, ?33, ?34, ?35, ?36, ?37, ?38)
    """)
  /// Only what an update may change.
  static let updatePaymentIntent = Query(
    """
    UPDATE payment_intents SET state = ?4, transaction_id = ?29, decline_code = ?30,
      check_count = ?32, last_check_time = ?33, next_check_time = ?34,
      refund_failures = ?36, unheard_until = ?37, checksum = ?38
    WHERE id = ?1
    """)
  static let allPaymentIntents = Query("SELECT \(intentColumns) FROM payment_intents")

  // MARK: Sandbox

  private static let chargeColumns = """
    intent_id, outcome, amount_currency, amount_units, amount_nanos, transaction_id,
    decline_code, visible_time, checksum
    """

  static let sandboxCharge = Query(
    "SELECT \(chargeColumns) FROM sandbox_charges WHERE intent_id = ?1")
  static let putSandboxCharge = Query(
    """
    INSERT INTO sandbox_charges (\(chargeColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)
    ON CONFLICT (intent_id) DO UPDATE SET outcome = excluded.outcome,
      amount_currency = excluded.amount_currency, amount_units = excluded.amount_units,
      amount_nanos = excluded.amount_nanos, transaction_id = excluded.transaction_id,
      decline_code = excluded.decline_code, visible_time = excluded.visible_time,
      checksum = excluded.checksum
    """)
  static let allSandboxCharges = Query("SELECT \(chargeColumns) FROM sandbox_charges")

  // MARK: Receipts

  private static let receiptColumns = """
    series, sequence, user_id, purchase_id, package_id, package_name, price_currency,
    price_units, price_nanos, credit_currency, credit_units, credit_nanos, charged_currency,
    charged_units, charged_nanos, start_time, end_time, payment_method, card_brand,
    card_last_four, transaction_id, issue_time, checksum
    """

  /// By series, sequence.
  static let receipt = Query(
    "SELECT \(receiptColumns) FROM receipts WHERE series = ?1 AND sequence = ?2")
  static let lastReceipt = Query(
    "SELECT \(receiptColumns) FROM receipts WHERE series = ?1 ORDER BY sequence DESC LIMIT 1")
  static let insertReceipt = Query(
    """
    INSERT INTO receipts (\(receiptColumns)) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10,
      ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22, ?23)
    """)
  static let allReceipts = Query("SELECT \(receiptColumns) FROM receipts")

  // MARK: Outbox

  private static let mailColumns = """
    id, message_id, recipient, subject, body, create_time, attempts, next_attempt_time,
    last_error, checksum
    """

  static let outboxMail = Query("SELECT \(mailColumns) FROM outbox_mails WHERE id = ?1")
  /// By time, limit.
  static let outboxMailsDue = Query(
    """
    SELECT \(mailColumns) FROM outbox_mails INDEXED BY outbox_mails_due
    WHERE next_attempt_time IS NOT NULL AND next_attempt_time <= ?1
    ORDER BY next_attempt_time, id LIMIT ?2
    """)
  /// How many wait, and when the oldest was made. Reads an index alone.
  static let waitingOutboxMails = Query(
    """
    SELECT count(*), min(create_time) FROM outbox_mails INDEXED BY outbox_mails_due
    WHERE next_attempt_time IS NOT NULL
    """)
  /// By limit.
  static let deadOutboxMails = Query(
    """
    SELECT \(mailColumns) FROM outbox_mails INDEXED BY outbox_mails_dead
    WHERE next_attempt_time IS NULL LIMIT ?1
    """)
  static let deadOutboxMailCount = Query(
    """
    SELECT count(*) FROM outbox_mails INDEXED BY outbox_mails_dead
    WHERE next_attempt_time IS NULL
    """)
  static let insertOutboxMail = Query(
    """
    INSERT INTO outbox_mails (\(mailColumns))
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)
    """)
  static let updateOutboxMail = Query(
    """
    UPDATE outbox_mails SET message_id = ?2, recipient = ?3, subject = ?4, body = ?5,
      create_time = ?6, attempts = ?7, next_attempt_time = ?8, last_error = ?9, checksum = ?10
    WHERE id = ?1
    """)
  static let deleteOutboxMail = Query("DELETE FROM outbox_mails WHERE id = ?1")
  static let allOutboxMails = Query("SELECT \(mailColumns) FROM outbox_mails")
}
