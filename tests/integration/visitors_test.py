"""Visitors: identity, sites and origins (docs/reference/protocol.md, section 2)."""

import unittest

from harness import ServerTest


class VisitorsTest(ServerTest):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.server.admin("sites", "create", "shop", "--name", "Shop", "--origin", "https://shop.example")
        cls.server.admin("sites", "create", "open", "--name", "Open", "--origin", "*")
        cls.server.admin("sites", "create", "closed", "--name", "Closed", "--origin", "*")
        cls.server.admin("sites", "close", "closed")
        # The running server sees them once the newest one is there.
        cls.server.wait_for_site("closed", 403)

    async def test_new_visitor_gets_a_token_and_an_id_of_its_own(self):
        first, second = await self.visitor(), await self.visitor()
        self.assertNotEqual(first.token, second.token)
        self.assertNotEqual(first.welcome["visitor"]["id"], second.welcome["visitor"]["id"])
        self.assertNotEqual(first.conv, second.conv)

    async def test_returning_visitor_is_the_same_and_gets_no_new_token(self):
        first = await self.visitor_who_wrote("Hello!")
        again = await self.visitor(first.token)
        self.assertEqual(again.welcome["visitor"], {"id": first.welcome["visitor"]["id"], "conv": first.conv})
        self.check_members(again.watching, last_seq=1, first_seq=1, more=False)
        events = await again.page_events()
        self.assertEqual([event["text"] for event in events], ["Hello!"])

    async def test_returning_visitor_that_never_wrote_has_an_empty_conversation(self):
        first = await self.visitor()
        again = await self.visitor(first.token)
        self.assertEqual(again.conv, first.conv)
        self.check_members(again.watching, last_seq=0, first_seq=1, more=False)
        self.check_members(await again.send("now"), t="ack", seq=1)
        self.check_members((await first.until("event"))["event"], seq=1, text="now")

    async def test_token_that_was_altered_is_refused_with_3000(self):
        token = (await self.visitor()).token
        middle = len(token) // 2
        other = "A" if token[middle] != "A" else "B"
        for bad in (token[:-1], token + "A", token[:middle] + other + token[middle + 1 :], "v1.", "nonsense", "v1." + "A" * 75):
            with self.subTest(token=bad):
                client = await self.connect()
                await client.say({"t": "hello", "role": "visitor", "site": "demo", "token": bad})
                await self.check_farewell(client, 3000, "token_invalid")

    async def test_token_of_another_site_is_refused_with_3000(self):
        token = (await self.visitor(site="open")).token
        client = await self.connect()
        await client.say({"t": "hello", "role": "visitor", "site": "demo", "token": token})
        await self.check_farewell(client, 3000, "token_invalid")

    async def test_unknown_site_is_refused_with_3003(self):
        client = await self.connect()
        await client.say({"t": "hello", "role": "visitor", "site": "nowhere"})
        await self.check_farewell(client, 3003, "origin_not_allowed", resume=False)

    async def test_foreign_origin_is_refused_with_3003(self):
        for origin in ("https://evil.example", "http://shop.example", "https://shop.example.evil.example", "null"):
            with self.subTest(origin=origin):
                client = await self.connect(origin=origin)
                await client.say({"t": "hello", "role": "visitor", "site": "shop"})
                await self.check_farewell(client, 3003, "origin_not_allowed", resume=False)

    async def test_unknown_site_and_foreign_origin_look_the_same(self):
        ends = []
        for site in ("shop", "nowhere"):
            client = await self.connect(origin="https://evil.example")
            await client.say({"t": "hello", "role": "visitor", "site": site})
            ends.append(await client.end())
        self.assertEqual(ends[0], ends[1])

    async def test_listed_origins_are_served(self):
        own = f"http://127.0.0.1:{self.server.port}"
        for site, origin in (("shop", "https://shop.example"), ("open", "https://any.example"), ("demo", own)):
            with self.subTest(site=site):
                await self.visitor(site=site, origin=origin)

    async def test_program_without_origin_is_served(self):
        await self.visitor(site="shop")

    async def test_closed_site_is_refused_with_4003(self):
        client = await self.connect()
        await client.say({"t": "hello", "role": "visitor", "site": "closed"})
        await self.check_farewell(client, 4003, "site_closed", resume=False)

    async def test_closing_a_site_ends_its_visitors_with_4003(self):
        self.server.admin("sites", "create", "ending", "--name", "Ending", "--origin", "*")
        self.server.wait_for_site("ending")
        visitor = await self.visitor(site="ending")
        other = await self.visitor()
        self.server.admin("sites", "close", "ending")
        await self.check_farewell(visitor, 4003, "site_closed", resume=False)
        await other.pong()

    async def test_conversation_of_another_visitor_does_not_exist(self):
        stranger = await self.visitor_who_wrote("secret")
        visitor = await self.visitor()
        for answer in (
            await visitor.send("x", conv=stranger.conv),
            await visitor.command("watch", conv=stranger.conv),
            await visitor.command("history", conv=stranger.conv, before=5),
        ):
            self.check_members(answer, t="error", error="not_found", retryable=False)

    async def test_agents_commands_are_not_for_visitors(self):
        visitor = await self.visitor_who_wrote("x")
        uuid = "0b6f2c1e-8f5a-4f0e-9a51-3d1f5e0c7a11"
        for answer in (
            await visitor.command("inbox", site="demo", status="open"),
            await visitor.command("close_conversation", conv=visitor.conv, client_id=uuid),
        ):
            self.check_members(answer, t="error", error="forbidden", retryable=False)

    def test_widget_answers_allowed_origins_alone(self):
        own = f"http://127.0.0.1:{self.server.port}"
        for site, origin, status in (
            ("shop", "https://shop.example", 200),
            ("shop", "https://evil.example", 403),
            ("demo", own, 200),
            ("demo", "https://shop.example", 403),
            ("closed", "https://any.example", 403),
            ("nowhere", "https://shop.example", 404),
        ):
            with self.subTest(site=site, origin=origin):
                answer = self.server.request("GET", f"/api/v1/widget?site={site}", headers={"Origin": origin})
                self.assertEqual(answer.status, status)
                self.assertIn("Origin", answer.headers["Vary"])
        answer = self.server.request("GET", "/api/v1/widget?site=shop")
        self.assertEqual(answer.json, {"site": "shop", "name": "Shop"})


if __name__ == "__main__":
    unittest.main()
