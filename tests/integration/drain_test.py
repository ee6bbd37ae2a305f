"""The end of the server by SIGTERM: nothing received is lost, everybody is told (docs/reference/protocol.md, section 10)."""

import asyncio
import signal
import unittest

from harness import Server, ServerTest, new_client_id


class DrainTest(ServerTest):
    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        if self.server.process.poll() is not None:
            self.server.start()

    async def test_everybody_is_told_to_come_back_and_the_server_ends_with_0(self):
        visitor, agent = await self.visitor_who_wrote("x"), await self.agent()
        nobody = await self.connect()
        self.server.signal(signal.SIGTERM)
        for client in (visitor, agent, nobody):
            bye = await self.check_farewell(client, 1012, "drain", resume=True)
            self.assertGreater(bye["retry_after_ms"], 0)
            self.assertGreaterEqual(bye["spread_ms"], 1000)
        self.assertEqual(self.server.wait(), 0)
        self.assertIn("stopped", self.server.printed[-1])

    async def test_what_was_sent_before_is_acknowledged_before_the_farewell_and_stored(self):
        visitor = await self.visitor_who_wrote("first")
        agent = await self.agent()
        await agent.watch(visitor.conv)
        for number in range(500):
            await agent.say(
                {"t": "send", "id": number, "conv": visitor.conv, "client_id": new_client_id(), "text": str(number)}
            )
        self.server.signal(signal.SIGTERM)
        messages, code = await agent.end()
        self.assertEqual(code, 1012)
        acks = [message["seq"] for message in messages if message["t"] == "ack"]
        refused = [message for message in messages if message["t"] == "error"]
        self.assertEqual(acks, list(range(2, len(acks) + 2)))
        for error in refused:
            self.check_members(error, error="busy", retryable=True)
        seen, code = await visitor.end()
        self.assertEqual(code, 1012)
        events = [message["event"]["seq"] for message in seen if message["t"] == "event"]
        self.assertEqual(events, acks)
        self.assertEqual(self.server.wait(), 0)
        self.server.start()
        reader = await self.agent()
        stored = await reader.watch(visitor.conv, epoch=reader.epoch, after=0)
        self.assertEqual([event["seq"] for event in stored], [1, *acks])

    async def test_conversation_goes_on_after_the_restart(self):
        visitor = await self.visitor_who_wrote("one")
        client_id = new_client_id()
        await visitor.send("two", client_id)
        await self.server.drain()
        self.server.start()
        point = {"conv": visitor.conv, "epoch": visitor.epoch, "seq": 1}
        again = await self.visitor(visitor.token, resume=[point])
        self.assertEqual(again.epoch, visitor.epoch)
        again.watching = await again.expect("watching", first_seq=2, last_seq=2)
        self.assertEqual([event["text"] for event in await again.page_events()], ["two"])
        self.check_members(await again.send("two", client_id), seq=2, duplicate=True)
        self.check_members(await again.send("three"), seq=3)

    async def test_status_says_so_and_new_connections_are_refused_with_503(self):
        silent, _ = self.raw_visitor()  # answers no Close, so that the drain lasts
        self.server.signal(signal.SIGTERM)
        self.assertEqual(silent.end()[1], 1012)
        answer = self.server.request("GET", "/api/v1/status")
        self.assertEqual(answer.status, 503)
        self.assertEqual(answer.json["status"], "draining")
        self.assertGreater(int(answer.headers["Retry-After"]), 0)
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "*")
        self.assertIn("Retry-After", answer.headers["Access-Control-Expose-Headers"])
        refused = self.raw()
        self.assertEqual(refused.status, 503)
        self.assertIn(b"retry-after", refused.head.lower())
        for client in (refused, silent):
            client.close()
        self.assertEqual(self.server.wait(), 0)

    async def test_second_signal_hurries(self):
        silent, _ = self.raw_visitor()
        self.server.signal(signal.SIGTERM)
        self.assertEqual(silent.end()[1], 1012)
        self.server.signal(signal.SIGTERM)
        self.assertEqual(self.server.wait(), 0)
        with self.assertRaises((EOFError, ConnectionResetError)):
            while True:
                silent.receive()

    async def test_interrupt_drains_too(self):
        visitor = await self.visitor()
        self.server.signal(signal.SIGINT)
        await self.check_farewell(visitor, 1012, "drain")
        self.assertEqual(self.server.wait(), 0)

    async def test_many_clients(self):
        clients = await asyncio.gather(*(self.visitor() for _ in range(300)))
        self.server.signal(signal.SIGTERM)
        ends = await asyncio.gather(*(client.end() for client in clients))
        self.assertEqual({code for _, code in ends}, {1012})
        self.assertEqual({messages[-1]["t"] for messages, _ in ends}, {"bye"})
        self.assertEqual(self.server.wait(), 0)


class ReadersEndTest(unittest.TestCase):
    def test_server_whose_output_nobody_reads_drains_all_the_same(self):
        server = Server()
        self.addCleanup(server.remove)
        server.start()
        server.process.stdout.close()
        server.signal(signal.SIGTERM)
        self.assertEqual(server.process.wait(), 0)


if __name__ == "__main__":
    unittest.main()
