"""examples/minimal_client.py, as a stranger runs it, through the ends of the server (kill and drain)."""

import asyncio
import os
import signal
import sys
import unittest

from harness import DEADLINE_S, Server

EXAMPLE = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "examples", "minimal_client.py")


class MinimalClient:
    """The script in a process of its own, with somebody at its keyboard and screen."""

    @classmethod
    async def start(cls, server: Server, site: str = "demo") -> "MinimalClient":
        client = cls()
        client.process = await asyncio.create_subprocess_exec(
            sys.executable, "-B", EXAMPLE, f"http://127.0.0.1:{server.port}", site,
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )
        return client

    async def type(self, text: str) -> None:
        self.process.stdin.write(f"{text}\n".encode())
        await self.process.stdin.drain()

    async def line(self) -> str:
        return (await asyncio.wait_for(self.process.stdout.readline(), DEADLINE_S)).decode().rstrip("\n")

    async def finish(self) -> tuple[int, str, str]:
        """Ends the input and waits. Gives the exit status and what else was printed."""
        self.process.stdin.close()
        out, err = await asyncio.wait_for(self.process.communicate(), DEADLINE_S)
        return self.process.returncode, out.decode(), err.decode()


class MinimalClientTest(unittest.IsolatedAsyncioTestCase):
    def setUp(self):
        self.server = Server()
        self.addCleanup(self.server.remove)
        self.server.start()
        self.cookie = self.server.sign_in().cookie

    async def agent(self):
        return await self.server.agent(self.server.ticket(self.cookie))

    async def agent_of(self, conv: str):
        """A new connection of the agent, and all texts of the conversation so far."""
        agent = await self.agent()
        events = await agent.watch(conv)
        return agent, [event["text"] for event in events]

    async def end_server(self, number: int) -> None:
        """Not on the loop: meanwhile the connections answer the server's Close."""
        self.server.signal(number)
        await asyncio.to_thread(self.server.wait)

    def test_is_under_a_hundred_lines(self):
        with open(EXAMPLE, encoding="utf-8") as file:
            self.assertLess(len(file.readlines()), 100)

    async def test_chats_through_kills_and_drains(self):
        client = await MinimalClient.start(self.server)
        await client.type("Is the red one in stock? 🫖")
        self.assertEqual(await client.line(), "You: Is the red one in stock? 🫖")
        agent = await self.agent()
        inbox = await agent.command("inbox", site="demo", status="open")
        conv = inbox["conversations"][0]["conv"]
        await agent.send("It is! 有货", conv=conv)
        self.assertEqual(await client.line(), "Admin: It is! 有货")

        texts = ["Is the red one in stock? 🫖", "It is! 有货"]
        for number in (signal.SIGKILL, signal.SIGTERM, signal.SIGKILL):
            turn = len(texts)
            await self.end_server(number)
            await client.type(f"typed while you were away, {turn}")
            self.server.start()
            self.assertEqual(await client.line(), f"You: typed while you were away, {turn}")
            agent, seen = await self.agent_of(conv)
            texts.append(f"typed while you were away, {turn}")
            self.assertEqual(seen, texts)
            texts.append(f"welcome back, {turn}")
            await agent.send(texts[-1], conv=conv)
            self.assertEqual(await client.line(), f"Admin: welcome back, {turn}")
            await agent.close()

        self.assertEqual(await client.finish(), (0, "", ""))
        agent, seen = await self.agent_of(conv)
        self.assertEqual(seen, texts, "each once, in order")
        await agent.close()

    async def test_gets_what_was_said_while_it_was_away(self):
        client = await MinimalClient.start(self.server)
        await client.type("hello")
        await client.line()
        agent = await self.agent()
        conv = (await agent.command("inbox", site="demo", status="open"))["conversations"][0]["conv"]
        client.process.send_signal(signal.SIGSTOP)
        for number in range(3):
            await agent.send(f"answer {number}", conv=conv)
        await self.end_server(signal.SIGKILL)
        self.server.start()
        client.process.send_signal(signal.SIGCONT)
        for number in range(3):
            self.assertEqual(await client.line(), f"Admin: answer {number}")
        self.assertEqual(await client.finish(), (0, "", ""))

    async def test_sends_what_is_piped_into_it(self):
        client = await MinimalClient.start(self.server)
        out, err = await asyncio.wait_for(client.process.communicate("eins\nzwei\n三".encode()), DEADLINE_S)
        self.assertEqual((client.process.returncode, out.decode(), err.decode()), (0, "You: eins\nYou: zwei\nYou: 三\n", ""))

    async def test_stops_where_the_server_says_stop(self):
        client = await MinimalClient.start(self.server, site="nobodys")
        await client.type("hello")
        status, out, err = await client.finish()
        self.assertEqual((status, out), (1, ""))
        self.assertIn("3003", err)

    async def test_stops_at_a_refusal(self):
        client = await MinimalClient.start(self.server)
        await client.type("long " * 4000)
        status, _, err = await client.finish()
        self.assertEqual(status, 1)
        self.assertIn("too_large", err)


if __name__ == "__main__":
    unittest.main()
