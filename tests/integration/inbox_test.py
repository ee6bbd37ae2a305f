"""The agent's list (docs/reference/protocol.md, section 7)."""

import unittest

from harness import Client, ServerTest, new_client_id


class Shop(ServerTest):
    """A class with a site of its own for each test, so that its list holds what the test wrote and nothing else."""

    unused_sites: list[str]

    @classmethod
    def setUpClass(cls) -> None:
        super().setUpClass()
        cls.unused_sites = [f"shop-{number}" for number in range(8)]
        for key in cls.unused_sites:
            cls.server.admin("sites", "create", key, "--name", key, "--origin", "*")
        cls.server.wait_for_site(cls.unused_sites[-1])

    async def new_site(self) -> tuple[str, Client]:
        """The site's key, and an agent that serves it."""
        return self.unused_sites.pop(), await self.agent()

    async def conversation(self, site: str, *texts: str) -> Client:
        visitor = await self.visitor(site=site)
        for text in texts:
            self.check_members(await visitor.send(text), t="ack")
        return visitor

    async def list_of(self, agent: Client, site: str, status: str = "open", **members) -> list[str]:
        answer = await agent.command("inbox", site=site, status=status, **members)
        self.check_members(answer, t="inbox", site=site, status=status)
        return [row["conv"] for row in answer["conversations"]]

    async def send_as_newest(self, agent: Client, site: str, sender: Client, text: str, conv: str = "") -> None:
        """Sends, again if need be, until the clock has left the millisecond of what the open list has."""
        answer = await agent.command("inbox", site=site, status="open")
        newest = max((row["last_at"] for row in answer["conversations"]), default=0)
        while (await sender.send(text, conv=conv))["at"] <= newest:
            pass


class InboxTest(Shop):
    async def test_newest_activity_first(self):
        site, agent = await self.new_site()
        self.assertEqual(await self.list_of(agent, site), [])
        visitors = [await self.conversation(site, "x") for _ in range(3)]
        convs = [visitor.conv for visitor in visitors]
        self.assertEqual(set(await self.list_of(agent, site)), set(convs))
        await self.send_as_newest(agent, site, visitors[1], "newest")
        self.assertEqual((await self.list_of(agent, site))[0], convs[1])
        await self.send_as_newest(agent, site, agent, "newer still", conv=convs[0])
        self.assertEqual((await self.list_of(agent, site))[:2], [convs[0], convs[1]])

    async def test_visitor_that_wrote_nothing_is_not_in_it(self):
        site, agent = await self.new_site()
        await self.visitor(site=site)
        self.assertEqual(await self.list_of(agent, site), [])

    async def test_open_and_closed_are_two_lists(self):
        site, agent = await self.new_site()
        first, second = [await self.conversation(site, "x") for _ in range(2)]
        await agent.command("close_conversation", conv=first.conv, client_id=new_client_id())
        self.assertEqual(await self.list_of(agent, site), [second.conv])
        self.assertEqual(await self.list_of(agent, site, "closed"), [first.conv])
        await self.send_as_newest(agent, site, first, "again")
        self.assertEqual(await self.list_of(agent, site), [first.conv, second.conv])
        self.assertEqual(await self.list_of(agent, site, "closed"), [])

    async def test_pages_hold_each_conversation_once(self):
        site, agent = await self.new_site()
        convs = {(await self.conversation(site, "x")).conv for _ in range(7)}
        taken: list[str] = []
        cursor = None
        for page in range(3):
            members = {"limit": 3} if cursor is None else {"limit": 3, "cursor": cursor}
            answer = await agent.command("inbox", site=site, status="open", **members)
            taken += [row["conv"] for row in answer["conversations"]]
            self.assertEqual(answer["more"], page < 2)
            cursor = answer["cursor"]
        self.assertEqual(len(taken), 7)
        self.assertEqual(set(taken), convs)

    async def test_cursor_that_is_not_ours_is_refused(self):
        site, agent = await self.new_site()
        for _ in range(2):
            await self.conversation(site, "x")
        cursor = (await agent.command("inbox", site=site, status="open", limit=1))["cursor"]
        for status, bad in (("open", "nonsense"), ("closed", cursor), ("open", cursor[:-1]), ("open", "x" * 300)):
            answer = await agent.command("inbox", site=site, status=status, cursor=bad)
            self.assertEqual(answer["t"], "error")
            self.assertIn(answer["error"], ("bad_message", "too_large"))
        other, again = await self.new_site()
        self.check_members(await again.command("inbox", site=other, status="open", cursor=cursor), error="bad_message")

    async def test_limits(self):
        site, agent = await self.new_site()
        for limit in (0, 101, -5, 1.5):
            answer = await agent.command("inbox", site=site, status="open", limit=limit)
            self.check_members(answer, t="error", error="bad_message")
        self.check_members(await agent.command("inbox", site=site, status="everything"), error="bad_message")


class SummaryTest(Shop):
    async def summary(self, agent: Client, site: str) -> dict:
        answer = await agent.command("inbox", site=site, status="open")
        self.assertEqual(len(answer["conversations"]), 1)
        return answer["conversations"][0]

    async def test_follows_the_conversation(self):
        site, agent = await self.new_site()
        visitor = await self.visitor(site=site)
        ack = await visitor.send("  Hello,\n\n there! ")
        first = await self.summary(agent, site)
        version = first.pop("version")
        self.assertEqual(
            first,
            {
                "conv": visitor.conv,
                "site": site,
                "status": "open",
                "created_at": ack["at"],
                "visitor": {"id": visitor.welcome["visitor"]["id"], "online": True},
                "last_seq": 1,
                "last_at": ack["at"],
                "last": {"kind": "message", "role": "visitor", "text": "Hello, there!"},
                "unread": 1,
                "waiting_since": ack["at"],
                "visitor_delivered": 0,
                "visitor_seen": 0,
                "agents_delivered": 0,
                "agents_seen": 0,
            },
        )
        await visitor.send("Anybody?")
        second = await self.summary(agent, site)
        self.check_members(second, unread=2, waiting_since=ack["at"], last_seq=2)
        self.assertGreater(second["version"], version)

        answer = await agent.send("Yes!", conv=visitor.conv)
        third = await self.summary(agent, site)
        last = {"kind": "message", "role": "agent", "text": "Yes!"}
        self.check_members(third, unread=2, waiting_since=None, last_seq=3, last_at=answer["at"], last=last)
        self.assertGreater(third["version"], second["version"])

        await agent.watch(visitor.conv)
        await agent.say({"t": "receipt", "conv": visitor.conv, "delivered": 3, "seen": 3})
        changed = await agent.until("conversations")
        while changed["changed"][0]["unread"] != 0:
            changed = await agent.until("conversations")
        fourth = await self.summary(agent, site)
        self.check_members(fourth, unread=0, agents_delivered=3, agents_seen=3)
        self.assertEqual(fourth, changed["changed"][0])
        self.assertGreater(fourth["version"], third["version"])

    async def test_preview_has_at_most_120_characters(self):
        site, agent = await self.new_site()
        await self.conversation(site, "𝄞" * 200)
        self.assertEqual((await self.summary(agent, site))["last"]["text"], "𝄞" * 120)

    async def test_visitors_state_hides_what_is_the_agents_own(self):
        site, agent = await self.new_site()
        visitor = await self.conversation(site, "x")
        self.check_members(await visitor.command("watch", conv=visitor.conv), t="watching")
        again = await self.visitor(visitor.token, site=site)
        agents_view = await self.summary(agent, site)
        hidden = {"unread", "waiting_since", "version"}
        self.assertEqual(again.watching["state"], {key: agents_view[key] for key in agents_view if key not in hidden})


class ChangesTest(Shop):
    async def test_every_change_comes_without_being_asked_for(self):
        site, agent = await self.new_site()
        visitor = await self.conversation(site, "one")
        message = await agent.until("conversations", site=site)
        self.check_members(message["changed"][0], conv=visitor.conv, last_seq=1, unread=1)
        self.assertEqual(set(message), {"t", "site", "changed"})
        await visitor.send("two")
        message = await agent.until("conversations", site=site)
        self.check_members(message["changed"][0], last_seq=2, unread=2)
        await agent.command("close_conversation", conv=visitor.conv, client_id=new_client_id())
        message = await agent.until("conversations", site=site)
        self.check_members(message["changed"][0], status="closed", last_seq=3)

    async def test_changes_of_a_moment_come_together_and_only_the_newest(self):
        site, agent = await self.new_site()
        visitor, other = await self.visitor(site=site), await self.visitor(site=site)
        for number in range(40):
            client = (visitor, other)[number % 2]
            await client.say(
                {"t": "send", "id": number, "conv": client.conv, "client_id": new_client_id(), "text": "x"}
            )
        messages = []
        newest: dict[str, int] = {}
        while newest != {visitor.conv: 20, other.conv: 20}:
            messages.append(await agent.until("conversations", site=site))
            convs = [row["conv"] for row in messages[-1]["changed"]]
            self.assertEqual(len(convs), len(set(convs)))
            for row in messages[-1]["changed"]:
                self.assertGreater(row["last_seq"], newest.get(row["conv"], 0))
                newest[row["conv"]] = row["last_seq"]
        self.assertLess(len(messages), 40)

    async def test_agents_of_other_sites_hear_nothing(self):
        site, agent = await self.new_site()
        password = self.agent_with_password("elsewhere", "--site", "demo")
        other = await self.agent(self.server.sign_in("elsewhere", password).json["ticket"])
        await self.conversation(site, "x")
        await agent.until("conversations", site=site)
        await other.pong()
        self.assertEqual(other.skipped, [])


if __name__ == "__main__":
    unittest.main()
