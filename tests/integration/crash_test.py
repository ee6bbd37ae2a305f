"""SIGKILL while many write: what was acknowledged is there, what is sent again is absorbed, and no seq is missing."""

import asyncio
import unittest

from websockets.exceptions import InvalidHandshake

from harness import Client, Ended, ServerTest, new_client_id

VISITORS = 50
MESSAGES = 40
CRASHES = 3


class Writer:
    """A visitor that sends its texts in order and, after every crash, again what was not acknowledged."""

    def __init__(self, test: "CrashTest", number: int):
        self.test = test
        self.unsent = [(new_client_id(), f"{number}: {text}") for text in range(MESSAGES)]
        self.texts = [text for _, text in self.unsent]
        self.acknowledged: dict[str, int] = {}
        self.token = ""
        self.conv = ""

    async def run(self) -> None:
        while self.unsent:
            try:
                await self.connect_and_write()
            except (Ended, OSError, InvalidHandshake):  # the last: killed between accepting and answering
                await self.test.restarted()

    async def connect_and_write(self) -> None:
        client = await self.test.server.visitor(self.token)
        self.token, self.conv = client.token, client.conv
        try:
            await self.write(client)
        finally:
            client.socket.transport.abort()

    async def write(self, client: Client) -> None:
        for number, (client_id, text) in enumerate(self.unsent):
            await client.say({"t": "send", "id": number, "conv": self.conv, "client_id": client_id, "text": text})
        waiting = len(self.unsent)
        while waiting > 0:
            message = await client.receive()
            if message["t"] == "error":
                self.test.assertTrue(message["retryable"], message)
                waiting -= 1
            if message["t"] == "ack":
                waiting -= 1
                self.note(message)

    def note(self, ack: dict) -> None:
        client_id = ack["client_id"]
        self.test.assertNotIn(client_id, self.acknowledged)
        self.acknowledged[client_id] = ack["seq"]
        self.unsent = [entry for entry in self.unsent if entry[0] != client_id]
        self.test.count_ack()


class CrashTest(ServerTest):
    async def test_nothing_acknowledged_is_lost(self):
        self.acks = 0
        self.up = asyncio.Event()
        self.up.set()
        self.crash_due = asyncio.Event()
        self.crashes_at = [VISITORS * MESSAGES * (number + 1) // (CRASHES + 2) for number in range(CRASHES)]
        writers = [Writer(self, number) for number in range(VISITORS)]
        await asyncio.gather(self.crash(), *(writer.run() for writer in writers))
        self.assertEqual(self.acks, VISITORS * MESSAGES)
        reader = await self.agent()
        for writer in writers:
            events = await reader.watch(writer.conv, epoch=reader.epoch, after=0)
            await reader.say({"t": "unwatch", "conv": writer.conv})
            self.assertEqual([event["seq"] for event in events], list(range(1, MESSAGES + 1)))
            self.assertEqual({event["client_id"]: event["seq"] for event in events}, writer.acknowledged)
            self.assertEqual(sorted(event["text"] for event in events), sorted(writer.texts))

    def count_ack(self) -> None:
        self.acks += 1
        if self.crashes_at and self.acks >= self.crashes_at[0]:
            self.crashes_at.pop(0)
            self.crash_due.set()

    async def crash(self) -> None:
        for _ in range(CRASHES):
            await self.crash_due.wait()
            self.crash_due.clear()
            self.up.clear()
            self.server.kill()
            self.server.start()
            self.up.set()

    async def restarted(self) -> None:
        await asyncio.sleep(0)  # a connection may fail before the crash is known here
        await self.up.wait()


if __name__ == "__main__":
    unittest.main()
