"""A time stamp authority with a throw-away certificate, played by OpenSSL's own `ts -reply` behind a small web server."""
import http.server
import pathlib
import subprocess
import threading

CONFIG = """[tsa]
default_tsa = it
[it]
dir = {dir}
serial = {dir}/serial
signer_cert = {dir}/tsa.pem
certs = {dir}/ca.pem
signer_key = {dir}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ordering = yes
tsa_name = yes
ess_cert_id_chain = no
[stamper]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
"""


def _run(*args):
    r = subprocess.run(["openssl", *map(str, args)], capture_output=True)
    assert r.returncode == 0, (args, r.stderr.decode())
    return r.stdout


class Authority:
    """`twist(reply, request)` may spoil an answer."""

    def __init__(self, folder):
        self.dir = pathlib.Path(folder)
        self.dir.mkdir(parents=True)
        (self.dir / "conf").write_text(CONFIG.format(dir=self.dir))
        (self.dir / "serial").write_text("01\n")
        d = self.dir
        _run("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", d / "ca.key", "-out", d / "ca.pem", "-days", "3", "-subj", "/CN=Test root")
        _run("req", "-new", "-newkey", "rsa:2048", "-nodes", "-keyout", d / "tsa.key", "-out", d / "tsa.csr", "-subj", "/CN=Test stamper")
        _run("x509", "-req", "-in", d / "tsa.csr", "-CA", d / "ca.pem", "-CAkey", d / "ca.key", "-CAcreateserial", "-out", d / "tsa.pem", "-days", "2",
             "-extfile", d / "conf", "-extensions", "stamper")
        self.asked, self.twist, self.status = 0, lambda reply, request: reply, 200
        authority = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                request = self.rfile.read(int(self.headers["Content-Length"]))
                assert self.headers["Content-Type"] == "application/timestamp-query"
                reply = authority.twist(authority.reply(request), request)
                self.send_response(authority.status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(reply)))
                self.end_headers()
                self.wfile.write(reply)

            def log_message(self, *a):
                pass

        self.web = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.web.server_address[1]}/tsr"
        threading.Thread(target=self.web.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def reply(self, request):
        self.asked += 1
        q = self.dir / f"request-{self.asked}"
        q.write_bytes(request)
        _run("ts", "-reply", "-queryfile", q, "-config", self.dir / "conf", "-out", self.dir / f"reply-{self.asked}")
        return (self.dir / f"reply-{self.asked}").read_bytes()

    @property
    def ca(self):
        return self.dir / "ca.pem"

    def holds(self, data, reply):
        """What anybody does: openssl ts -verify."""
        r = subprocess.run(["openssl", "ts", "-verify", "-data", str(data), "-in", str(reply), "-CAfile", str(self.ca)], capture_output=True, text=True)
        return r.returncode == 0 and "Verification: OK" in r.stdout + r.stderr

    def __enter__(self):
        return self

    def __exit__(self, *exc):
        self.web.shutdown()
        self.web.server_close()
