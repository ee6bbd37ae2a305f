#!/usr/bin/env python3
"""A visitor of a Clearline site in a terminal: what you type is sent, what the agents write is printed.
Usage: minimal_client.py http://127.0.0.1:8080 demo
Written from docs/reference/protocol.md. Lines are kept until they are acknowledged, over any break of the connection;
it comes back by itself, asks for exactly what it missed, and ends when the last line of input is acknowledged."""
import asyncio
import contextlib
import json
import random
import sys
import uuid

import websockets


class Visitor:
    def __init__(self, server, site):
        self.address, self.site = "ws" + server.removeprefix("http").rstrip("/") + "/ws", site
        self.token = self.conversation = self.epoch = self.socket = None
        self.last, self.typing = 0, True  # the highest seq up to which nothing is missing; more input may come
        self.outbox = {}  # client_id -> text, oldest first, until acknowledged

    async def say(self, t, **members):
        if self.socket:  # else it is said after the next welcome
            with contextlib.suppress(websockets.ConnectionClosed):
                await self.socket.send(json.dumps({"t": t, "id": 0, "conv": self.conversation, **members}))

    async def post(self, client_ids):
        for client_id in client_ids:
            await self.say("send", client_id=client_id, text=self.outbox[client_id])

    async def read_keyboard(self):
        while line := await asyncio.get_running_loop().run_in_executor(None, sys.stdin.readline):
            self.outbox[client_id := str(uuid.uuid4())] = line.rstrip("\n") or " "
            await self.post([client_id])
        self.typing = False
        if self.socket and not self.outbox:
            await self.socket.close()

    async def take(self, event):
        if event["seq"] > self.last + 1:  # section 4: ask for what is missing, drop what was there before
            await self.say("watch", epoch=self.epoch, after=self.last)
        elif event["seq"] == self.last + 1:
            self.last += 1
            self.outbox.pop(event.get("client_id"), None)  # stored, though its ack was lost
            if event["kind"] == "message":
                print(f'{event["from"].get("name", "You")}: {event["text"]}', flush=True)

    async def hear(self, message, socket):
        if message["t"] == "welcome":
            self.socket, visitor = socket, message["visitor"]
            self.conversation, self.token = visitor["conv"], visitor.get("token", self.token)
            await self.post(list(self.outbox))
        elif message["t"] == "reset":
            self.epoch = None
        elif message["t"] == "watching" and self.epoch is None:  # where the log, or what we get of it, begins
            self.epoch, self.last = message["epoch"], message["first_seq"] - 1
        elif message["t"] in ("event", "events"):
            for event in message.get("events") or [message["event"]]:
                await self.take(event)
        elif message["t"] == "ack":
            text = self.outbox.pop(message["client_id"], None)
            if not message["duplicate"]:  # it stands for the event; a duplicate's event comes by itself
                await self.take({"seq": message["seq"], "kind": "message", "from": {}, "text": text})
        elif message["t"] == "error":
            await asyncio.sleep(message.get("retry_after_ms", 1000) / 1000)
            await self.post(list(self.outbox))

    async def listen(self, socket):
        resume = [{"conv": self.conversation, "epoch": self.epoch, "seq": self.last}] if self.epoch else []
        hello = {"t": "hello", "role": "visitor", "site": self.site, "resume": resume}
        await socket.send(json.dumps(hello | ({"token": self.token} if self.token else {})))
        while self.typing or self.outbox:
            try:
                message = json.loads(await asyncio.wait_for(socket.recv(), 20))
                if message["t"] == "bye" or not message.get("retryable", True):
                    return message
                await self.hear(message, socket)
            except asyncio.TimeoutError:  # section 8; the library's own pings notice a dead line
                await socket.send('{"t":"ping","n":1}')
        return {}

    async def chat(self):
        _keyboard, attempt = asyncio.create_task(self.read_keyboard()), 0
        while self.typing or self.outbox:
            try:
                async with websockets.connect(self.address, subprotocols=["clearline.v1"]) as socket:
                    bye = await self.listen(socket)
            except (OSError, asyncio.TimeoutError, websockets.WebSocketException) as error:
                bye = {"code": getattr(error, "code", 1006)}
            attempt, self.socket = 0 if self.socket else attempt + 1, None
            if "error" in bye or bye.get("code") in (3000, 3003) or 4000 <= bye.get("code", 1006) < 4100:
                sys.exit(f"The server says stop: {bye}")  # section 10
            spread_ms = random.random() * bye.get("spread_ms", min(30_000, 500 * 2**attempt))
            await asyncio.sleep((bye.get("retry_after_ms", 0) + spread_ms) / 1000)


if __name__ == "__main__":
    asyncio.run(Visitor(*sys.argv[1:3]).chat())
