"""Agents: signing in, tickets, rights, and how they end (docs/reference/protocol.md, sections 2 and 9)."""

import contextlib
import sqlite3
import time
import unittest

from harness import NO_CONVERSATION, Server, ServerTest, check_members

OWN_PAGES_ONLY = "https://evil.example"


class SignInTest(ServerTest):
    def test_right_password_gives_agent_ticket_and_cookie(self):
        answer = self.server.sign_in()
        self.assertEqual(answer.status, 200)
        agent = answer.json["agent"]
        self.check_members(agent, name=self.server.agent_name, display_name="Admin", role="admin")
        self.assertRegex(agent["id"], r"^a[0-9a-z]{13}$")
        self.assertTrue(answer.json["ticket"])
        self.assertGreater(answer.json["expires_at"], 0)
        parts = [part.strip() for part in answer.headers["Set-Cookie"].split(";")]
        self.assertIn("HttpOnly", parts)
        self.assertIn("SameSite=Strict", parts)
        self.assertIn(f"Max-Age={30 * 24 * 3600}", parts)
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_wrong_name_and_wrong_password_look_the_same(self):
        answers = [self.server.sign_in(password="wrong"), self.server.sign_in(name="nobody", password="wrong")]
        for answer in answers:
            self.assertEqual(answer.status, 401)
            self.assertEqual(answer.json["error"], "unauthorized")
            self.assertIsNone(answer.headers["Set-Cookie"])
        self.assertEqual(answers[0].body, answers[1].body)
        self.assertEqual(self.server.sign_in().status, 200)  # and forgets the failures

    def test_bodies_that_are_no_credentials_are_refused(self):
        for body in (
            "",
            "nonsense",
            "[]",
            "{}",
            '{"name":"admin"}',
            '{"name":"admin","password":""}',
            '{"name":7,"password":"x"}',
            '{"name":"' + "x" * 65 + '","password":"x"}',
            '{"name":"admin","password":"' + "x" * 1025 + '"}',
        ):
            with self.subTest(body=body[:40]):
                answer = self.server.request("POST", "/api/v1/sign-in", body)
                self.assertEqual(answer.status, 400, answer)
                self.assertTrue(answer.json["error"] and answer.json["message"])

    def test_session_answers_the_cookie(self):
        answer = self.server.request("GET", "/api/v1/session", headers={"Cookie": f"other=1; {self.cookie}; more=2"})
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json["agent"]["name"], self.server.agent_name)
        for cookie in ("", "clearline_session=", "clearline_session=nonsense", "x" + self.cookie, self.cookie + "x"):
            with self.subTest(cookie=cookie):
                answer = self.server.request("GET", "/api/v1/session", headers={"Cookie": cookie})
                self.assertEqual(answer.status, 401)

    def test_ticket_needs_the_cookie(self):
        self.assertEqual(self.server.request("POST", "/api/v1/tickets").status, 401)
        answer = self.server.request("POST", "/api/v1/tickets", headers={"Cookie": "clearline_session=nonsense"})
        self.assertEqual(answer.status, 401)

    def test_pages_of_other_origins_may_not_use_the_cookie(self):
        headers = {"Cookie": self.cookie, "Origin": OWN_PAGES_ONLY}
        for path in ("/api/v1/tickets", "/api/v1/sign-out", "/api/v1/sign-in"):
            with self.subTest(path=path):
                self.assertEqual(self.server.request("POST", path, {}, headers).status, 403)
        own = {"Cookie": self.cookie, "Origin": f"http://127.0.0.1:{self.server.port}"}
        self.assertEqual(self.server.request("POST", "/api/v1/tickets", headers=own).status, 200)


class RateLimitTest(ServerTest):
    def test_five_failures_block_the_name_and_the_address_for_a_while(self):
        for _ in range(5):
            self.assertEqual(self.server.sign_in(password="wrong").status, 401)
        for name in ("", "somebody-else"):
            answer = self.server.sign_in(name=name)
            self.assertEqual(answer.status, 429)
            self.assertGreater(int(answer.headers["Retry-After"]), 0)
            self.assertEqual(answer.json["error"], "rate_limited")
        # Who is signed in is not touched.
        self.assertTrue(self.server.ticket(self.cookie))


class TicketTest(ServerTest):
    async def test_welcome_of_an_agent(self):
        agent = await self.agent()
        self.check_members(agent.welcome["agent"], name=self.server.agent_name, display_name="Admin", role="admin")
        self.assertIn({"site": "demo", "name": "Demo shop"}, agent.welcome["sites"])
        for name in ("visitor", "agents_online"):
            self.assertNotIn(name, agent.welcome)

    async def test_ticket_of_the_sign_in_is_good(self):
        await self.agent(self.server.sign_in().json["ticket"])

    async def test_ticket_is_good_once(self):
        ticket = self.server.ticket(self.cookie)
        await self.agent(ticket)
        client = await self.connect()
        await client.say({"t": "hello", "role": "agent", "ticket": ticket})
        await self.check_farewell(client, 3000, "token_invalid")

    async def test_made_up_ticket_is_refused_with_3000(self):
        for ticket in ("", "nonsense", "A" * 32):
            client = await self.connect()
            await client.say({"t": "hello", "role": "agent", "ticket": ticket})
            await self.check_farewell(client, 3000, "token_invalid")

    async def test_page_of_another_origin_is_refused_with_3003_and_keeps_the_ticket(self):
        ticket = self.server.ticket(self.cookie)
        client = await self.connect(origin=OWN_PAGES_ONLY)
        await client.say({"t": "hello", "role": "agent", "ticket": ticket})
        await self.check_farewell(client, 3003, "origin_not_allowed", resume=False)
        await self.agent(ticket, origin=f"http://127.0.0.1:{self.server.port}")

    async def test_tickets_do_not_outlive_the_process(self):
        ticket = self.server.ticket(self.cookie)
        self.assertEqual(await self.server.drain(), 0)
        self.server.start()
        client = await self.connect()
        await client.say({"t": "hello", "role": "agent", "ticket": ticket})
        await self.check_farewell(client, 3000, "token_invalid")
        await self.agent()  # but the session does


class SignOutTest(ServerTest):
    async def test_ends_the_session_and_its_connections_with_4005(self):
        cookie = self.server.sign_in().cookie
        first, second = [await self.agent(self.server.ticket(cookie)) for _ in range(2)]
        other = await self.agent()
        answer = self.server.request("POST", "/api/v1/sign-out", headers={"Cookie": cookie})
        self.assertEqual(answer.status, 204)
        self.assertIn("Max-Age=0", answer.headers["Set-Cookie"])
        for client in (first, second):
            await self.check_farewell(client, 4005, "signed_out_elsewhere", resume=False)
        self.assertEqual(self.server.request("GET", "/api/v1/session", headers={"Cookie": cookie}).status, 401)
        await other.pong()

    async def test_tickets_of_the_session_end_with_it(self):
        cookie = self.server.sign_in().cookie
        ticket, other = self.server.ticket(cookie), self.server.ticket(self.cookie)
        self.server.request("POST", "/api/v1/sign-out", headers={"Cookie": cookie})
        client = await self.connect()
        await client.say({"t": "hello", "role": "agent", "ticket": ticket})
        await self.check_farewell(client, 3000, "token_invalid")
        await self.agent(other)

    def test_without_a_session_is_no_error(self):
        self.assertEqual(self.server.request("POST", "/api/v1/sign-out").status, 204)


class SessionEndTest(ServerTest):
    """A session's end in the database is moved: nobody waits for thirty days."""

    def expire_in(self, lifetime_ms: int) -> None:
        with contextlib.closing(sqlite3.connect(self.server.database_path, timeout=30)) as database, database:
            database.execute("UPDATE sessions SET expires_at = ?", (int(time.time() * 1000) + lifetime_ms,))

    async def test_ends_a_live_connection_with_3000(self):
        cookie = self.server.sign_in().cookie
        for lifetime_ms in (500, 5_000, 30_000):
            # On a slow machine a short one is over before the connection lives.
            self.expire_in(lifetime_ms)
            answer = self.server.request("POST", "/api/v1/tickets", headers={"Cookie": cookie})
            if answer.status == 401:
                continue
            client = self.keep(await self.connect())
            await client.say({"t": "hello", "role": "agent", "ticket": answer.json["ticket"]})
            if (await client.receive())["t"] == "welcome":
                break
        else:
            self.fail("no connection lived before its session's end")
        await self.check_farewell(client, 3000, "token_expired")
        self.assertEqual(self.server.request("POST", "/api/v1/tickets", headers={"Cookie": cookie}).status, 401)

    async def test_no_connection_begins_after_it(self):
        cookie = self.server.sign_in().cookie
        for lifetime_ms in (200, 2_000, 20_000):
            self.expire_in(lifetime_ms)
            answer = self.server.request("POST", "/api/v1/tickets", headers={"Cookie": cookie})
            if answer.status == 200:
                break
        while self.server.request("GET", "/api/v1/session", headers={"Cookie": cookie}).status == 200:
            pass
        client = await self.connect()
        await client.say({"t": "hello", "role": "agent", "ticket": answer.json["ticket"]})
        await self.check_farewell(client, 3000, "token_expired")


class RightsTest(ServerTest):
    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.server.admin("sites", "create", "other", "--name", "Other", "--origin", "*")

    def sign_in(self, name: str, *options: str) -> str:
        """A new agent's cookie."""
        answer = self.server.sign_in(name, self.agent_with_password(name, *options))
        self.assertEqual(answer.status, 200, answer)
        return answer.cookie

    async def test_agent_serves_its_sites_alone(self):
        agent = await self.agent(self.server.ticket(self.sign_in("bob", "--site", "other")))
        self.assertEqual(agent.welcome["sites"], [{"site": "other", "name": "Other"}])
        visitor = await self.visitor_who_wrote("Hello!")
        uuid = "0b6f2c1e-8f5a-4f0e-9a51-3d1f5e0c7a11"
        for answer in (
            await agent.command("inbox", site="demo", status="open"),
            await agent.command("inbox", site="nowhere", status="open"),
            await agent.command("watch", conv=visitor.conv),
            await agent.command("history", conv=visitor.conv, before=9),
            await agent.command("close_conversation", conv=visitor.conv, client_id=uuid),
            await agent.send("x", conv=visitor.conv),
        ):
            self.check_members(answer, t="error", error="not_found", retryable=False)
        await visitor.pong()
        self.assertEqual(visitor.skipped, [])

    async def test_what_an_agent_may_not_see_gives_no_reset_either(self):
        agent = await self.agent(self.server.ticket(self.sign_in("eve", "--site", "other")))
        visitor = await self.visitor_who_wrote("Hello!")
        for epoch, after in ((agent.epoch, 99), ("0" * 16, 0)):
            answer = await agent.command("watch", conv=visitor.conv, epoch=epoch, after=after)
            self.check_members(answer, t="error", error="not_found")
            answer = await agent.command("watch", conv=NO_CONVERSATION, epoch=epoch, after=after)
            self.check_members(answer, t="error", error="not_found")
        self.assertEqual(agent.skipped, [])

    async def test_agent_signs_in_directly_after_it_was_made(self):
        await self.agent(self.server.sign_in("fay", self.agent_with_password("fay", "--site", "demo")).json["ticket"])

    async def test_changed_sites_end_with_4201_and_the_next_connection_has_them(self):
        cookie = self.sign_in("cid", "--site", "other")
        agent = await self.agent(self.server.ticket(cookie))
        bystander = await self.agent()
        self.server.admin("agents", "grant", "cid", "--site", "demo")
        await self.check_farewell(agent, 4201, "rights_changed", resume=True)
        again = await self.agent(self.server.ticket(cookie))
        self.assertEqual({site["site"] for site in again.welcome["sites"]}, {"demo", "other"})
        self.server.admin("agents", "revoke", "cid", "--site", "other")
        await self.check_farewell(again, 4201, "rights_changed", resume=True)
        await bystander.pong()

    async def test_disabled_agent_ends_with_3003_and_cannot_sign_in(self):
        cookie = self.sign_in("dan", "--site", "other")
        agent = await self.agent(self.server.ticket(cookie))
        ticket = self.server.ticket(cookie)
        self.server.admin("agents", "disable", "dan")
        await self.check_farewell(agent, 3003, "blocked", resume=False)
        self.assertEqual(self.server.sign_in("dan", "password of dan").status, 401)
        self.assertEqual(self.server.request("POST", "/api/v1/tickets", headers={"Cookie": cookie}).status, 401)
        client = await self.connect()
        await client.say({"t": "hello", "role": "agent", "ticket": ticket})
        await self.check_farewell(client, 3003, "blocked", resume=False)

    async def test_new_password_ends_what_was_signed_in_with_the_old_one(self):
        cookie = self.sign_in("gus", "--site", "other")
        agent = await self.agent(self.server.ticket(cookie))
        ticket = self.server.ticket(cookie)
        self.server.admin("agents", "set-password", "gus", password="another password")
        messages, code = await agent.end()
        self.assertEqual(code, 3000)
        self.check_members(messages[-1], t="bye", code=3000, cause="token_revoked")
        self.assertEqual(self.server.request("GET", "/api/v1/session", headers={"Cookie": cookie}).status, 401)
        client = await self.connect()
        await client.say({"t": "hello", "role": "agent", "ticket": ticket})
        await self.check_farewell(client, 3000, "token_revoked")
        self.assertEqual(self.server.sign_in("gus", "password of gus").status, 401)
        await self.agent(self.server.sign_in("gus", "another password").json["ticket"])

    async def test_new_site_comes_to_admins_with_4201(self):
        agent = await self.agent()
        self.server.admin("sites", "create", "third", "--name", "Third", "--origin", "*")
        await self.check_farewell(agent, 4201, "rights_changed")
        again = await self.agent()
        self.assertIn({"site": "third", "name": "Third"}, again.welcome["sites"])


class FirstAgentTest(unittest.TestCase):
    def test_is_shown_once(self):
        server = Server()
        self.addCleanup(server.remove)
        server.start()
        self.assertTrue(server.password)
        password = server.password
        server.stop()
        server.start()
        self.assertNotIn("password", "".join(server.printed))
        check_members(server.sign_in(password=password).json["agent"], {"role": "admin"})


if __name__ == "__main__":
    unittest.main()
