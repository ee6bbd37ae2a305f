"""Texts go through unchanged to the byte, and what is no text does not go through (protocol.md, section 1)."""

import json
import unittest

from harness import RawClient, ServerTest, data_rows, new_client_id

VISITOR_BURST = 50  # a visitor may send this many at once


class TextsTest(ServerTest):
    async def test_every_text_arrives_unchanged_and_survives_a_restart(self):
        texts = [row["text"] for row in data_rows("unicode.jsonl")]
        self.assertGreater(len(texts), 200)
        conversations = {}
        for start in range(0, len(texts), VISITOR_BURST):
            part = texts[start : start + VISITOR_BURST]
            visitor = await self.visitor()
            agent = await self.agent()
            self.check_members(await visitor.send(part[0]), t="ack", seq=1)
            self.assertEqual(await self.texts_of(agent, visitor.conv), part[:1])
            for text in part[1:]:
                self.check_members(await visitor.send(text), t="ack")
                self.assertEqual((await agent.until("event"))["event"]["text"], text)
            for text in part:
                self.check_members(await agent.send(text, conv=visitor.conv), t="ack")
                self.assertEqual((await visitor.until("event"))["event"]["text"], text)
            conversations[visitor.conv] = part + part
        self.assertEqual(await self.server.drain(), 0)
        self.server.start()
        agent = await self.agent()
        for conv, sent in conversations.items():
            self.assertEqual(await self.texts_of(agent, conv), sent)

    async def texts_of(self, agent, conv: str) -> list[str]:
        return [event["text"] for event in await agent.watch(conv, epoch=agent.epoch, after=0)]

    async def test_json_escapes(self):
        errors = {"lone-surrogate": "lone_surrogate", "reject": "bad_json"}
        reader = await self.agent()
        for row in data_rows("json-escapes.jsonl"):
            with self.subTest(row["id"], note=row["note"]):
                literal = bytes.fromhex(row["json_hex"])
                client, conv, messages, code = self.send_literal(literal)
                if not is_utf8(literal):
                    self.assertEqual((row["expect"], code), ("reject", 1007))
                elif row["expect"] != "accept":
                    self.check_members(messages[-1], t="error", error=errors[row["expect"]], retryable=False)
                elif row["utf8_hex"] == "":
                    self.check_members(messages[-1], t="error", error="text_empty", retryable=False)
                else:
                    self.check_members(messages[-1], t="ack", seq=1)
                    events = await reader.watch(conv)
                    self.assertEqual(events[0]["text"].encode(), bytes.fromhex(row["utf8_hex"]))
                client.close()

    async def test_frames_that_are_not_utf8_end_with_1007_and_the_others_pass(self):
        reader = await self.agent()
        for row in data_rows("invalid-utf8.jsonl"):
            with self.subTest(row["id"], note=row["note"]):
                text = bytes.fromhex(row["hex"])
                client, conv, messages, code = self.send_literal(b'"' + escaped(text) + b'"')
                if row["valid"] and not text:
                    self.check_members(messages[-1], t="error", error="text_empty")
                elif row["valid"]:
                    self.assertEqual(code, 0)
                    self.check_members(messages[-1], t="ack", seq=1)
                    events = await reader.watch(conv)
                    self.assertEqual(events[0]["text"].encode(), text)
                else:
                    self.assertEqual(code, 1007)
                    self.assertNotIn("ack", [message["t"] for message in messages])
                client.close()

    def send_literal(self, literal: bytes) -> tuple[RawClient, str, list[dict], int]:
        """A new visitor sends this JSON text: its conversation, and what came up to the answer (0) or the Close."""
        client, welcome = self.raw_visitor()
        conv = welcome["visitor"]["conv"]
        head = f'{{"t":"send","id":1,"conv":"{conv}","client_id":"{new_client_id()}","text":'
        client.frame(head.encode() + literal + b"}")
        messages = []
        while not messages or messages[-1]["t"] not in ("ack", "error"):
            opcode, payload = client.receive()
            if opcode == 8:
                return client, conv, messages, int.from_bytes(payload[:2], "big")
            messages.append(json.loads(payload))
        return client, conv, messages, 0


def is_utf8(text: bytes) -> bool:
    try:
        text.decode()
    except UnicodeDecodeError:
        return False
    return True


def escaped(text: bytes) -> bytes:
    """Inside a JSON string: only what JSON itself forbids is changed, so that the bytes under test stay."""
    out = b""
    for byte in text:
        if byte < 0x20 or byte in b'"\\':
            out += b"\\u%04x" % byte
        else:
            out += bytes([byte])
    return out


if __name__ == "__main__":
    unittest.main()
