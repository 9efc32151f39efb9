"""Receipts go out as mails, each at least once, whatever becomes of the server or the daemon."""

import datetime
import email
import email.policy
import time

import pytest
from packd_testing.buyer import Buyer
from packd_testing.clock import Clock, needs_clock
from packd_testing.metrics import metrics
from packd_testing.program import expect_refusal, run
from packd_testing.waiting import wait_for, wait_for_log


def read(content):
    """A mail as Python's own parser has it."""
    mail = email.message_from_bytes(content, policy=email.policy.default)
    assert mail.defects == []
    for header in mail.values():
        assert header.defects == ()
    return mail


def buy(daemon):
    buyer = Buyer(daemon)
    purchase = buyer.purchase(buyer.request())
    buyer.channel.close()
    return purchase


def check(mail, purchase):
    """It is the purchase's receipt."""
    assert mail["Subject"] == f"Receipt {purchase.receipt_number}"
    assert mail["From"].addresses[0].addr_spec == "shop@packd.example"
    assert mail["To"].addresses[0].addr_spec == "buyer@example.com"
    assert mail["Message-ID"].endswith("@packd.example>")
    assert purchase.start_time.seconds <= mail["Date"].datetime.timestamp() <= time.time()
    text = mail.get_content()
    amount = purchase.amount_charged
    assert f"{amount.units}.{amount.nanos // 10_000_000:02} {amount.currency_code}" in text
    for part in (purchase.package_name, purchase.transaction_id, "visa ending in 4242"):
        assert part in text


def check_that_it_waits(daemon):
    """The store has the mail, which is to be tried again."""
    # A stop waits for what is written.
    daemon.restart()
    seen = metrics(daemon)
    assert seen['packd_outbox_mails{state="waiting"}'] == 1
    assert seen['packd_outbox_mails{state="dead"}'] == 0


def test_a_receipt_is_mailed(shop, mail_server):
    daemon = shop(mail_server.url)
    purchase = buy(daemon)
    [(envelope, _)] = mail_server.wait()
    assert envelope.mail_from == "shop@packd.example"
    assert envelope.rcpt_tos == ["buyer@example.com"]
    check(read(envelope.content), purchase)
    daemon.stop()
    assert len(mail_server.mails) == 1


def test_a_directory_gets_a_file(shop, tmp_path):
    daemon = shop(f"directory:{tmp_path / 'outbox'}")
    purchase = buy(daemon)
    files = wait_for(lambda: list((tmp_path / "outbox").glob("*.eml")))
    mail = read(files[0].read_bytes())
    check(mail, purchase)
    assert files[0].name == f"{mail['Message-ID'].strip('<>')}.eml"


def test_mails_are_encrypted_where_the_server_can(shop, tls_mail_server, authority, tmp_path):
    roots = tmp_path / "roots.pem"
    roots.write_bytes(authority.pem)
    buy(shop(tls_mail_server.url, "--mail-ca", roots, "--mail-require-starttls"))
    [(_, is_encrypted)] = tls_mail_server.wait()
    assert is_encrypted


@pytest.mark.parametrize("option", ["--no-mail-require-starttls", "--mail-require-starttls"])
def test_a_server_that_nobody_vouches_for_gets_nothing(shop, tls_mail_server, option):
    daemon = shop(tls_mail_server.url, option)
    buy(daemon)
    wait_for_log(daemon, "mail not sent", "certificate")
    assert tls_mail_server.tries == 0


def test_a_server_that_cannot_encrypt_gets_nothing_where_it_must(shop, mail_server):
    daemon = shop(mail_server.url, "--mail-require-starttls")
    buy(daemon)
    wait_for_log(daemon, "mail not sent")
    assert mail_server.tries == 0


def test_a_mail_that_is_refused_for_good_is_given_up(shop, mail_server):
    mail_server.recipient_answer = "550 5.1.1 No such user"
    daemon = shop(mail_server.url)
    buy(daemon)
    wait_for_log(daemon, "mail given up", "550 5.1.1 No such user")
    assert "buyer@example.com" not in daemon.stderr
    wait_for(lambda: metrics(daemon)['packd_outbox_mails{state="dead"}'] == 1)
    seen = metrics(daemon)
    assert seen['packd_mails_total{outcome="given_up"}'] == 1
    assert seen['packd_mails_total{outcome="failed"}'] == 0
    assert seen['packd_outbox_mails{state="waiting"}'] == 0


@needs_clock
@pytest.mark.parametrize("answer", ["451 Later", None])
def test_a_mail_that_is_not_taken_now_is_kept_and_tried_again(shop, mail_server, answer):
    mail_server.answer = answer
    daemon = shop(mail_server.url)
    purchase = buy(daemon)
    wait_for_log(daemon, "mail not sent")
    assert mail_server.mails == []
    daemon.stop()
    mail_server.answer = "250 OK"
    # The first wait is of a minute, and up to a quarter more; that clock stands.
    later = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(minutes=5)
    clock = Clock(daemon, later.isoformat())
    daemon.start()
    clock.clean(daemon)
    [(envelope, _)] = mail_server.wait()
    check(read(envelope.content), purchase)


def test_a_server_that_says_nothing_is_left_after_its_time(shop, mail_server):
    mail_server.is_silent = True
    daemon = shop(mail_server.url, "--mail-timeout-seconds", "1")
    buy(daemon)
    wait_for_log(daemon, "mail not sent", "Timeout")
    assert mail_server.tries == 1
    check_that_it_waits(daemon)


@pytest.mark.parametrize("answer", ["530 5.7.0 Login first", "550 5.7.1 Not from you"])
def test_what_a_server_has_against_us_gives_no_mail_up(shop, mail_server, answer):
    mail_server.sender_answer = answer
    daemon = shop(mail_server.url)
    buy(daemon)
    wait_for_log(daemon, "mail not sent", answer)
    check_that_it_waits(daemon)
    assert mail_server.mails == []


def test_a_crash_between_the_servers_yes_and_ours_sends_the_same_mail_again(shop, mail_server):
    mail_server.is_silent = True
    daemon = shop(mail_server.url)
    buy(daemon)
    mail_server.wait()
    daemon.kill()
    mail_server.is_silent = False
    daemon.start()
    first, second = [read(envelope.content) for envelope, _ in mail_server.wait(2)]
    assert first["Message-ID"] == second["Message-ID"]
    assert first.as_bytes() == second.as_bytes()
    daemon.stop()
    assert len(mail_server.mails) == 2


def test_a_folder_that_cannot_be_written_stops_the_start(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("0123456789abcdef0123456789abcdef", encoding="utf-8")
    result = run(
        "serve", "--store", "memory:", "--listen", "127.0.0.1:0", "--jwt-secret-file", secret,
        "--mailer", "directory:/proc/nowhere")
    expect_refusal(result, 64, "/proc/nowhere")


def test_dead_letters_are_tried_again_at_a_start_that_says_so(shop, mail_server):
    mail_server.recipient_answer = "550 nobody"
    daemon = shop(mail_server.url)
    purchase = buy(daemon)
    wait_for_log(daemon, "mail given up", "550 nobody")
    mail_server.recipient_answer = "250 OK"
    daemon.restart()
    assert metrics(daemon)['packd_outbox_mails{state="dead"}'] == 1
    assert mail_server.mails == []
    daemon.options.append("--mail-retry-dead")
    daemon.restart()
    [(envelope, _)] = mail_server.wait()
    check(read(envelope.content), purchase)
    wait_for_log(daemon, "dead letters are tried again")


LOGIN = ("shop", "pass word-é")


@pytest.fixture
def login(tmp_path, authority):
    """The options of a daemon that logs in, with this password."""
    def options(password=LOGIN[1]):
        file, roots = tmp_path / "mail-password", tmp_path / "roots.pem"
        file.write_text(f"{password}\n", encoding="utf-8")
        file.chmod(0o600)
        roots.write_bytes(authority.pem)
        return ["--mail-ca", roots, "--mail-user", LOGIN[0], "--mail-password-file", file]
    return options


@pytest.mark.parametrize("tls_mail_server", [LOGIN], indirect=True)
def test_a_server_that_wants_a_login_gets_one(shop, tls_mail_server, login):
    daemon = shop(tls_mail_server.url, *login())
    purchase = buy(daemon)
    [(envelope, is_encrypted)] = tls_mail_server.wait()
    assert is_encrypted
    check(read(envelope.content), purchase)


@pytest.mark.parametrize("tls_mail_server", [LOGIN], indirect=True)
def test_a_login_that_is_refused_gives_no_mail_up(shop, tls_mail_server, login):
    daemon = shop(tls_mail_server.url, *login("wrong"))
    buy(daemon)
    wait_for_log(daemon, "mail not sent")
    check_that_it_waits(daemon)
    assert "wrong" not in daemon.stderr


def test_a_login_goes_to_nobody_without_tls(shop, mail_server, login):
    daemon = shop(mail_server.url, *login())
    buy(daemon)
    wait_for_log(daemon, "mail not sent")
    assert mail_server.tries == 0


def test_a_user_without_a_password_stops_the_start(tmp_path):
    expect_refusal(run(
        "serve", "--dev", "--store", f"sqlite:{tmp_path / 'packd.db'}", "--mailer",
        "smtp://127.0.0.1:9", "--mail-user", "shop"), 64, "--mail-user and --mail-password-file")
