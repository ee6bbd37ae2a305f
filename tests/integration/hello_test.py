"""docs/reference/protocol.md, sections 1 and 2: the connection, hello and welcome."""

import json
import unittest

from harness import NO_CONVERSATION, SUBPROTOCOL, Ended, ServerTest


class ConnectionTest(ServerTest):
    def test_client_that_offers_no_subprotocol_is_refused_with_http_400(self):
        for offer in (None, "clearline.v2", "chat"):
            with self.subTest(offer=offer):
                client = self.raw(subprotocol=offer)
                self.assertEqual(client.status, 400)

    def test_server_selects_the_subprotocol_among_several(self):
        client = self.raw(subprotocol=f"chat, {SUBPROTOCOL}")
        self.assertEqual(client.status, 101)
        self.assertIn(f"Sec-WebSocket-Protocol: {SUBPROTOCOL}".lower(), client.head.decode().lower())

    def test_other_addresses_speak_no_websocket(self):
        self.assertEqual(self.raw(path="/").status, 404)
        self.assertEqual(self.raw(path="/ws/").status, 404)

    def test_plain_request_to_the_websocket_is_told_to_upgrade(self):
        answer = self.server.request("GET", "/ws")
        self.assertEqual(answer.status, 426)
        # RFC 9110, section 15.5.22: a 426 must say to what.
        self.assertEqual(answer.headers["Upgrade"], "websocket")

    async def test_binary_message_ends_with_1003(self):
        visitor = await self.visitor()
        await visitor.socket.send(b"{}")
        await self.check_farewell(visitor, 1003, "unsupported_data")

    async def test_binary_before_hello_ends_with_1003(self):
        client = await self.connect()
        await client.socket.send(b"\x00")
        await self.check_farewell(client, 1003, "unsupported_data")

    def test_text_that_is_not_utf8_ends_with_1007(self):
        client, _ = self.raw_visitor()
        client.frame(b'{"t":"ping","n":\xff}')
        self.assertEqual(client.end()[1], 1007)

    def test_more_than_65536_bytes_end_with_1009(self):
        client, _ = self.raw_visitor()
        client.frame(b" " * 65537)
        self.assertEqual(client.end()[1], 1009)

    def test_fragments_that_add_up_to_more_end_with_1009(self):
        client, _ = self.raw_visitor()
        client.frame(b" " * 40000, final=False)
        client.frame(b" " * 40000, opcode=0)
        self.assertEqual(client.end()[1], 1009)

    async def test_65536_bytes_are_a_message(self):
        visitor = await self.visitor()
        ping = '{"t":"ping","n":5}'
        await visitor.say_text(ping + " " * (65536 - len(ping)))
        await visitor.expect("pong", n=5)

    def test_fragmented_message_is_one_message(self):
        client, _ = self.raw_visitor()
        client.receive()  # watching
        for opcode, part in ((1, b'{"t":"pi'), (0, b'ng","n"')):
            client.frame(part, opcode=opcode, final=False)
        client.frame(b":6}", opcode=0)
        self.assertEqual(json.loads(client.receive()[1])["n"], 6)

    async def test_unknown_members_are_ignored(self):
        visitor = await self.visitor()
        await visitor.say({"t": "ping", "n": 3, "colour": "red", "nested": {"deep": [1, None, {}]}})
        await visitor.expect("pong", n=3)

    async def test_unknown_type_is_an_error_and_the_connection_stays(self):
        visitor = await self.visitor()
        self.check_members(await visitor.command("dance"), t="error", error="unknown_type", retryable=False)
        await visitor.pong()

    async def test_numbers_beyond_53_bits_are_no_ids(self):
        visitor = await self.visitor()
        for number in (2**53, 2**64, -1, 1.5, "7"):
            await visitor.say({"t": "watch", "id": number, "conv": visitor.conv})
            answer = await visitor.expect("error", error="bad_message")
            self.assertNotIn("id", answer)
        self.check_members(await visitor.command("watch", conv=visitor.conv), t="watching")
        await visitor.say({"t": "watch", "id": 2**53 - 1, "conv": visitor.conv})
        await visitor.expect("watching", id=2**53 - 1)


class BadMessagesTest(ServerTest):
    NOT_MESSAGES = [
        ("", "bad_json"),
        ("{", "bad_json"),
        ("nonsense", "bad_json"),
        ('{"t":"ping"} {}', "bad_json"),
        ("{'t':'ping'}", "bad_json"),
        ('{"t":"ping",}', "bad_json"),
        ('{"t":"ping","n":01}', "bad_json"),
        ("[" * 200 + "]" * 200, "bad_json"),
        ('{"t":"ping","n":"\\ud800"}', "lone_surrogate"),
        ("[]", "bad_message"),
        ("null", "bad_message"),
        ('"ping"', "bad_message"),
        ("{}", "bad_message"),
        ('{"t":7}', "bad_message"),
        ('{"t":"send"}', "bad_message"),
        ('{"t":"ping","n":"x"}', "bad_message"),
    ]

    async def test_each_is_an_error_and_the_connection_stays(self):
        visitor = await self.visitor()
        for text, name in self.NOT_MESSAGES:
            with self.subTest(text=text[:40]):
                await visitor.say_text(text)
                answer = await visitor.expect("error", error=name, retryable=False)
                self.assertNotIn("id", answer)
                self.assertTrue(answer["message"])
                await visitor.pong()

    async def test_every_member_that_is_missing_or_wrong_is_named(self):
        visitor = await self.visitor()
        conv, uuid = visitor.conv, "0b6f2c1e-8f5a-4f0e-9a51-3d1f5e0c7a11"
        whole = {
            "send": {"conv": conv, "client_id": uuid, "text": "x"},
            "history": {"conv": conv, "before": 5, "limit": 10},
            "watch": {"conv": conv, "after": 0, "epoch": visitor.epoch},
            "inbox": {"site": "demo", "status": "open"},
            "close_conversation": {"conv": conv, "client_id": uuid},
        }
        optional = {("history", "limit"), ("watch", "after")}
        for kind, members in whole.items():
            for name in members:
                for wrong in (None, {}, [1], True):
                    with self.subTest(kind=kind, member=name, value=wrong):
                        answer = await visitor.command(kind, **{**members, name: wrong})
                        self.assertEqual(answer["t"], "error", answer)
                        self.assertIn(answer["error"], ("bad_message", "bad_client_id"))
                        self.assertIn(name, answer["message"])
                if (kind, name) in optional:
                    continue
                with self.subTest(kind=kind, missing=name):
                    answer = await visitor.command(kind, **{key: members[key] for key in members if key != name})
                    self.assertEqual(answer["t"], "error", answer)
                    self.assertIn(name, answer["message"])
            visitor = await self.visitor()  # too many errors would end this one
            conv = visitor.conv

    async def test_more_than_50_errors_in_10_s_end_with_1008(self):
        visitor = await self.visitor()
        for _ in range(50):
            await visitor.say_text("nonsense")
        await visitor.pong()
        self.assertEqual(len(visitor.skipped), 50)
        await visitor.say_text("nonsense")
        await self.check_farewell(visitor, 1008, "flooding")


class HelloTest(ServerTest):
    async def test_anything_else_first_is_refused_with_hello_required_and_3000(self):
        for message in ({"t": "ping", "n": 1}, {"t": "send", "id": 4, "conv": NO_CONVERSATION, "text": "x"}):
            with self.subTest(message=message):
                client = await self.connect()
                await client.say(message)
                answer = await client.expect("error")
                self.assertIn(answer["error"], ("hello_required", "bad_client_id", "bad_message"))
                await self.check_farewell(client, 3000, "token_missing")

    async def test_command_first_is_answered_with_its_id(self):
        client = await self.connect()
        await client.say({"t": "inbox", "id": 4, "site": "demo", "status": "open"})
        await client.expect("error", error="hello_required", id=4)
        await self.check_farewell(client, 3000, "token_missing")

    async def test_nonsense_first_ends_with_3000(self):
        client = await self.connect()
        await client.say_text("nonsense")
        await client.expect("error", error="bad_json")
        await self.check_farewell(client, 3000, "token_missing")

    async def test_second_hello_is_an_error_and_the_connection_stays(self):
        visitor = await self.visitor()
        await visitor.say({"t": "hello", "role": "visitor", "site": "demo"})
        await visitor.expect("error", error="hello_twice")
        await visitor.pong()

    async def test_what_follows_a_refused_hello_is_not_handled(self):
        client = await self.connect()
        await client.say({"t": "hello", "role": "visitor", "site": "nowhere"})
        try:
            for _ in range(5):
                await client.say({"t": "hello", "role": "visitor", "site": "demo"})
        except Ended:
            pass  # it has ended already
        messages, code = await client.end()
        self.assertEqual([message["t"] for message in messages], ["bye"])
        self.assertEqual(code, 3003)

    async def test_bad_hellos_are_refused(self):
        good = {"t": "hello", "role": "visitor", "site": "demo"}
        point = {"conv": NO_CONVERSATION, "epoch": "0" * 16, "seq": 1}
        for change in (
            {"role": "bot"},
            {"role": None},
            {"site": 7},
            {"site": None},
            {"token": 7},
            {"token": "x" * 1025},
            {"role": "agent"},  # without ticket
            {"visible": "yes"},
            {"resume": {}},
            {"resume": [7]},
            {"resume": [{**point, "conv": "v0000000000000"}]},
            {"resume": [{**point, "epoch": "x"}]},
            {"resume": [{**point, "seq": -1}]},
            {"resume": [point] * 101},
            {"client": {"name": 7}},
        ):
            with self.subTest(change=str(change)[:60]):
                client = await self.connect()
                await client.say({**good, **change})
                await client.expect("error")
                await self.check_farewell(client, 3000, "token_missing")

    async def test_all_optional_members_are_taken(self):
        client = await self.connect()
        point = {"conv": NO_CONVERSATION, "epoch": "0" * 16, "seq": 1}
        await client.say(
            {
                "t": "hello",
                "role": "visitor",
                "site": "demo",
                "client": {"name": "test", "version": "1"},
                "resume": [point] * 100,
                "visible": False,
            }
        )
        await client.expect("welcome")

    async def test_welcome_has_what_the_page_says(self):
        visitor = await self.visitor()
        welcome = visitor.welcome
        self.assertRegex(welcome["connection"], r"^k[0-9a-z]{13}$")
        self.assertEqual(welcome["server"]["name"], "clearline")
        self.assertRegex(welcome["epoch"], r"^[0-9a-f]{16}$")
        self.assertEqual(welcome["heartbeat_ms"], 20000)
        limits = {"text_bytes": 16384, "message_bytes": 65536, "page_events": 100, "resume_events": 1000}
        self.assertEqual(welcome["limits"], limits)
        self.assertRegex(welcome["visitor"]["id"], r"^v[0-9a-z]{13}$")
        self.assertRegex(welcome["visitor"]["conv"], r"^c[0-9a-z]{13}$")
        self.assertTrue(welcome["visitor"]["token"])
        self.assertIs(welcome["agents_online"], False)
        for name in ("agent", "sites"):
            self.assertNotIn(name, welcome)

    async def test_connections_have_ids_of_their_own(self):
        connections = {(await self.visitor()).welcome["connection"] for _ in range(5)}
        self.assertEqual(len(connections), 5)

    async def test_state_follows_directly_after_welcome(self):
        client = await self.connect()
        await client.say({"t": "hello", "role": "visitor", "site": "demo"})
        welcome = await client.expect("welcome")
        watching = await client.expect(
            "watching", conv=welcome["visitor"]["conv"], epoch=welcome["epoch"], last_seq=0, first_seq=1, more=False
        )
        self.assertNotIn("id", watching)
        state = watching["state"]
        self.check_members(state, conv=welcome["visitor"]["conv"], site="demo", status="open", last_seq=0, last=None)
        for name in ("unread", "waiting_since", "version"):
            self.assertNotIn(name, state)

    async def test_connection_that_only_opens_may_close(self):
        client = await self.connect()
        await client.socket.close(1000)
        with self.assertRaises(Ended) as ended:
            await client.receive()
        self.assertEqual(ended.exception.code, 1000)


if __name__ == "__main__":
    unittest.main()
