"""A real SMTP server for the tests: says its port, then each mail as a line of JSON, read by Python's own mail parser."""

import json
import sys
from email import message_from_bytes, policy

from aiosmtpd.controller import Controller


class Keep:
    async def handle_DATA(self, server, session, envelope):
        mail = message_from_bytes(envelope.content, policy=policy.default)
        line = {
            "from": mail["from"],
            "to": envelope.rcpt_tos,
            "subject": mail["subject"],
            "id": mail["message-id"],
            "type": mail.get_content_type(),
            "body": mail.get_content(),
        }
        print(json.dumps(line), flush=True)
        return "250 taken"


controller = Controller(Keep(), hostname="127.0.0.1", port=int(sys.argv[1]))
controller.start()
print("ready", flush=True)
sys.stdin.read()
controller.stop()
