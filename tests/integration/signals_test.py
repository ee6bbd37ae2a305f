"""Typing, receipts and presence (docs/reference/protocol.md, section 6)."""

import asyncio
import unittest

from harness import NO_CONVERSATION, ServerTest


class Pair(ServerTest):
    """A visitor with two tabs and two agents, all watching one conversation."""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        self.one = await self.visitor_who_wrote("1", "2", "3")
        self.conv = self.one.conv
        self.tab = await self.visitor(self.one.token)
        self.agent_one, self.agent_two = await self.agent(), await self.agent()
        self.everybody = [self.one, self.tab, self.agent_one, self.agent_two]
        for agent in (self.agent_one, self.agent_two):
            await agent.watch(self.conv)
        for client in self.everybody:
            await client.pong()
            client.skipped.clear()

    async def seen_by_others(self, sender, kind: str, **members) -> list[dict]:
        """What all but the sender get; the sender gets none."""
        messages = [await client.until(kind, **members) for client in self.everybody if client is not sender]
        await sender.pong()
        self.assertNotIn(kind, [message["t"] for message in sender.skipped])
        return messages


class TypingTest(Pair):
    async def test_visitors_typing_is_seen_by_all_but_its_connection(self):
        for on in (True, False):
            await self.one.say({"t": "typing", "conv": self.conv, "on": on})
            for message in await self.seen_by_others(self.one, "typing", on=on):
                sender = {"role": "visitor", "id": self.one.welcome["visitor"]["id"]}
                self.assertEqual(message, {"t": "typing", "conv": self.conv, "from": sender, "on": on})

    async def test_agents_typing_has_the_display_name(self):
        await self.agent_one.say({"t": "typing", "conv": self.conv, "on": True})
        for message in await self.seen_by_others(self.agent_one, "typing"):
            agent = self.agent_one.welcome["agent"]
            self.assertEqual(message["from"], {"role": "agent", "id": agent["id"], "name": "Admin"})

    async def test_who_does_not_watch_is_not_heard(self):
        stranger = await self.visitor()
        await stranger.say({"t": "typing", "conv": self.conv, "on": True})
        idle = await self.agent()
        await idle.say({"t": "typing", "conv": self.conv, "on": True})
        await idle.say({"t": "typing", "conv": NO_CONVERSATION, "on": True})
        for client in (stranger, idle, *self.everybody):
            await client.pong()
        for client in self.everybody:
            self.assertNotIn("typing", [message["t"] for message in client.skipped])

    async def test_nothing_of_it_is_stored(self):
        await self.one.say({"t": "typing", "conv": self.conv, "on": True})
        await self.seen_by_others(self.one, "typing")
        late = await self.agent()
        self.assertEqual(len(await late.watch(self.conv)), 3)
        await late.pong()
        self.assertNotIn("typing", [message["t"] for message in late.skipped])


class ReceiptTest(Pair):
    async def receipt(self, client, delivered: int, seen: int) -> None:
        await client.say({"t": "receipt", "conv": self.conv, "delivered": delivered, "seen": seen})

    async def test_visitors_receipt_goes_to_all_but_its_connection(self):
        await self.receipt(self.one, 3, 2)
        for message in await self.seen_by_others(self.one, "receipt"):
            self.check_members(message, conv=self.conv, role="visitor", delivered=3, seen=2)

    async def test_agents_share_one_pair_and_unread_is_what_is_left(self):
        await self.receipt(self.agent_one, 3, 2)
        for message in await self.seen_by_others(self.agent_one, "receipt"):
            self.check_members(message, role="agent", delivered=3, seen=2, unread=1)
        await self.receipt(self.agent_two, 3, 3)
        for message in await self.seen_by_others(self.agent_two, "receipt"):
            self.check_members(message, role="agent", delivered=3, seen=3, unread=0)

    async def test_it_only_grows_and_not_beyond_the_log(self):
        await self.receipt(self.one, 2, 2)
        await self.agent_one.until("receipt", delivered=2, seen=2)
        await self.receipt(self.one, 1, 1)  # goes back: nothing is said
        await self.receipt(self.one, 2, 2)  # nothing new: nothing is said
        await self.receipt(self.one, 99, 1)
        await self.agent_one.until("receipt", delivered=3, seen=2)
        self.assertNotIn("receipt", [message["t"] for message in self.agent_one.skipped])

    async def test_seen_is_delivered_too(self):
        await self.receipt(self.one, 0, 2)
        await self.agent_one.until("receipt", delivered=2, seen=2)

    async def test_readers_see_what_was_announced_at_once(self):
        """It is stored within a second, but nobody reads what is older than what was sent."""
        for seen in (1, 2, 3):
            await self.receipt(self.agent_one, 3, seen)
            announced = await self.agent_two.until("receipt", seen=seen)
            late = await self.agent()
            await late.watch(self.conv)
            state = late.watching["state"]
            self.check_members(state, agents_delivered=3, agents_seen=seen, unread=announced["unread"])
            inbox = await late.command("inbox", site="demo", status="open")
            summary = next(row for row in inbox["conversations"] if row["conv"] == self.conv)
            self.assertEqual(summary, state)
            tab = await self.visitor(self.one.token)
            self.check_members(tab.watching["state"], agents_delivered=3, agents_seen=seen)

    async def test_it_survives_a_drain(self):
        await self.receipt(self.agent_one, 3, 2)
        await self.agent_two.until("receipt", seen=2)
        self.assertEqual(await self.server.drain(), 0)
        self.server.start()
        agent = await self.agent()
        await agent.watch(self.conv)
        self.check_members(agent.watching["state"], agents_delivered=3, agents_seen=2, unread=1)

    async def test_who_does_not_watch_moves_nothing(self):
        idle = await self.agent()
        await self.receipt(idle, 3, 3)
        await idle.pong()
        await idle.watch(self.conv)
        self.check_members(idle.watching["state"], agents_seen=0, unread=3)


class PresenceTest(ServerTest):
    async def test_visitors_come_and_go(self):
        """At the same time, since each of them waits for the grace period of 5 s."""
        await asyncio.gather(
            self.visitor_that_comes_back_is_online_again(),
            self.visitor_with_a_tab_left_is_online(),
            self.reload_is_no_departure(),
            self.second_departure_has_a_period_of_its_own(),
        )

    async def visitor_that_comes_back_is_online_again(self):
        agent = await self.agent()
        visitor = await self.visitor_who_wrote("x")
        await agent.watch(visitor.conv)
        expected = {"id": visitor.welcome["visitor"]["id"], "online": True}
        self.assertEqual(agent.watching["state"]["visitor"], expected)
        await visitor.close()
        await agent.until("presence", conv=visitor.conv, online=False)
        await self.visitor(visitor.token)
        await agent.until("presence", conv=visitor.conv, online=True)

    async def visitor_with_a_tab_left_is_online(self):
        agent = await self.agent()
        first = await self.visitor()
        second = await self.visitor(first.token)
        await second.send("x")  # the first tab has sent nothing, and is the one that leaves last
        await second.close()
        late = await self.agent()
        inbox = await late.command("inbox", site="demo", status="open")
        summary = next(row for row in inbox["conversations"] if row["conv"] == first.conv)
        self.assertTrue(summary["visitor"]["online"])
        await first.close()
        await agent.until("presence", conv=first.conv, online=False)

    async def reload_is_no_departure(self):
        agent = await self.agent()
        visitor = await self.visitor_who_wrote("x")
        other = await self.visitor_who_wrote("y")
        await visitor.close()
        again = await self.visitor(visitor.token)
        await other.close()
        await agent.until("presence", conv=other.conv, online=False)  # the grace of both is over
        self.assertNotIn(
            (visitor.conv, False), [(message.get("conv"), message.get("online")) for message in agent.skipped]
        )
        await again.pong()

    async def second_departure_has_a_period_of_its_own(self):
        agent = await self.agent()
        visitor = await self.visitor_who_wrote("x")
        first_to_go = await self.visitor_who_wrote("y")
        await visitor.close()
        await first_to_go.close()
        again = await self.visitor(visitor.token)
        await asyncio.sleep(1)  # not to wait for anything: so that the two periods end at different times
        await again.close()
        last_to_go = await self.visitor_who_wrote("z")
        await agent.until("presence", conv=first_to_go.conv, online=False)
        await agent.watch(visitor.conv)
        self.assertTrue(agent.watching["state"]["visitor"]["online"])
        await agent.until("presence", conv=visitor.conv, online=False)
        await last_to_go.pong()


class AgentsPresenceTest(ServerTest):
    async def test_visitors_hear_of_the_first_and_the_last_agent(self):
        visitor = await self.visitor()
        self.assertIs(visitor.welcome["agents_online"], False)
        first = await self.agent()
        self.assertEqual(await visitor.receive(), {"t": "presence", "site": "demo", "agents_online": True})
        second = await self.agent()
        self.assertIs((await self.visitor()).welcome["agents_online"], True)
        await first.close()
        await second.close()
        self.assertEqual(await visitor.receive(), {"t": "presence", "site": "demo", "agents_online": False})
        self.assertIs((await self.visitor()).welcome["agents_online"], False)


class HeartbeatTest(ServerTest):
    async def test_ping_is_answered_at_once_with_its_number_and_the_time(self):
        visitor = await self.visitor()
        for n, visible in ((1, True), (2**53 - 1, False)):
            await visitor.say({"t": "ping", "n": n, "visible": visible})
            pong = await visitor.expect("pong", n=n)
            self.assertGreater(pong["time"], 1_700_000_000_000)

    async def test_protocol_pings_are_answered(self):
        visitor = await self.visitor()
        await (await visitor.socket.ping(b"are you there"))


if __name__ == "__main__":
    unittest.main()
