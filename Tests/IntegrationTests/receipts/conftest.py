import ssl

import pytest
from mail_server import MailServer
from packd_testing.certificates import Authority
from packd_testing.daemon import Daemon
from packd_testing.tokens import SECRET


@pytest.fixture
def authority():
    return Authority()


@pytest.fixture
def mail_server():
    """One without TLS."""
    one = MailServer()
    one.start()
    yield one
    one.stop()


@pytest.fixture
def tls_mail_server(authority, tmp_path, request):
    """One that offers STARTTLS, with a certificate of the authority's, and wants a login where the
    test is given one."""
    certificate, key = tmp_path / "mail.pem", tmp_path / "mail.key"
    authority.issue().write(certificate, key)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate, key)
    one = MailServer(context, login=getattr(request, "param", None))
    one.start()
    yield one
    one.stop()


@pytest.fixture
def shop(tmp_path):
    """Starts a daemon that mails its receipts as the options say."""
    started = []

    def start(mailer, *options):
        one = Daemon(tmp_path, SECRET, options=[
            "--mailer", mailer, "--mail-from", "shop@packd.example", *options])
        started.append(one)
        one.start()
        return one

    yield start
    for one in started:
        one.kill()
