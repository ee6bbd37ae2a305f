"""Watching, resuming, resetting and paging through the history (docs/reference/protocol.md, section 5)."""

import unittest

from harness import NO_CONVERSATION, ServerTest, check_members, new_client_id


class LongConversation(ServerTest):
    """One conversation of 1,100 messages, written once."""

    LENGTH = 1100
    conv = ""
    token = ""

    async def asyncSetUp(self) -> None:
        await super().asyncSetUp()
        if not type(self).conv:
            visitor = await self.visitor_who_wrote("1")
            agent = await self.agent()
            for number in range(2, self.LENGTH + 1):
                await agent.say(
                    {"t": "send", "id": number, "conv": visitor.conv, "client_id": new_client_id(), "text": str(number)}
                )
            await agent.until("ack", id=self.LENGTH)
            type(self).conv, type(self).token = visitor.conv, visitor.token

    def check_events(self, events: list[dict], first: int, last: int) -> None:
        self.assertEqual([event["seq"] for event in events], list(range(first, last + 1)))
        self.assertEqual([event["text"] for event in events], [str(seq) for seq in range(first, last + 1)])


class WatchTest(LongConversation):
    async def test_without_a_point_the_newest_50(self):
        agent = await self.agent()
        events = await agent.watch(self.conv)
        self.check_members(agent.watching, first_seq=self.LENGTH - 49, last_seq=self.LENGTH, more=True)
        self.check_events(events, self.LENGTH - 49, self.LENGTH)

    async def test_from_a_point_exactly_what_is_missing(self):
        agent = await self.agent()
        for after in (self.LENGTH - 1000, self.LENGTH - 101, self.LENGTH - 100, self.LENGTH - 1):
            with self.subTest(after=after):
                events = await agent.watch(self.conv, epoch=agent.epoch, after=after)
                self.check_members(agent.watching, first_seq=after + 1, last_seq=self.LENGTH, more=True)
                self.check_events(events, after + 1, self.LENGTH)
                self.assertNotIn("reset", [message["t"] for message in agent.skipped])

    async def test_from_the_end_nothing(self):
        agent = await self.agent()
        self.assertEqual(await agent.watch(self.conv, epoch=agent.epoch, after=self.LENGTH), [])
        self.check_members(agent.watching, first_seq=self.LENGTH + 1, last_seq=self.LENGTH, more=True)
        await agent.pong()
        self.assertEqual([message["t"] for message in agent.skipped if message["t"] == "events"], [])

    async def test_pages_have_at_most_100_events(self):
        agent = await self.agent()
        await agent.say({"t": "watch", "id": 1, "conv": self.conv, "epoch": agent.epoch, "after": self.LENGTH - 250})
        await agent.until("watching")
        sizes = [len((await agent.expect("events", conv=self.conv))["events"]) for _ in range(3)]
        self.assertEqual(sizes, [100, 100, 50])

    async def test_reset_comes_first_and_then_the_newest_page(self):
        for epoch, after, reason in (
            ("0123456789abcdef", 1099, "epoch"),
            ("0123456789abcdef", 0, "epoch"),
            ("", self.LENGTH + 1, "cursor"),
            ("", 2**53 - 1, "cursor"),
            ("", self.LENGTH - 1001, "too_far"),
            ("", 0, "too_far"),
        ):
            with self.subTest(reason=reason, after=after):
                agent = await self.agent()
                point = {"epoch": epoch or agent.epoch, "after": after}
                await agent.say({"t": "watch", "id": 4, "conv": self.conv, **point})
                await agent.expect("reset", conv=self.conv, reason=reason)
                agent.watching = await agent.expect(
                    "watching", id=4, epoch=agent.epoch, first_seq=self.LENGTH - 49, last_seq=self.LENGTH, more=True
                )
                self.check_events(await agent.page_events(), self.LENGTH - 49, self.LENGTH)

    async def test_resume_points_of_hello_are_answered_without_id(self):
        other = await self.visitor_who_wrote("1", "2", "3")
        epoch = other.epoch
        points = [
            {"conv": self.conv, "epoch": epoch, "seq": self.LENGTH - 2},
            {"conv": other.conv, "epoch": epoch, "seq": 9},
            {"conv": NO_CONVERSATION, "epoch": epoch, "seq": 1},
        ]
        agent = await self.agent(hello={"resume": points})
        agent.watching = await agent.until("watching", conv=self.conv, first_seq=self.LENGTH - 1)
        self.assertNotIn("id", agent.watching)
        self.check_events(await agent.page_events(), self.LENGTH - 1, self.LENGTH)
        await agent.expect("reset", conv=other.conv, reason="cursor")
        agent.watching = await agent.expect("watching", conv=other.conv, first_seq=1, last_seq=3, more=False)
        self.check_events(await agent.page_events(), 1, 3)
        await agent.expect("error", error="not_found")

    async def test_visitor_resumes_with_hello(self):
        visitor = await self.visitor(self.token)
        point = {"conv": self.conv, "epoch": visitor.epoch, "seq": self.LENGTH - 3}
        again = await self.visitor(self.token, resume=[point])
        again.watching = await again.expect("watching", first_seq=self.LENGTH - 2, last_seq=self.LENGTH, more=True)
        self.check_events(await again.page_events(), self.LENGTH - 2, self.LENGTH)
        old = await self.visitor(self.token, resume=[{**point, "epoch": "0123456789abcdef"}])
        await old.expect("reset", reason="epoch", conv=self.conv)
        await old.expect("watching", last_seq=self.LENGTH)

    async def test_first_page_of_a_short_conversation_has_all(self):
        visitor = await self.visitor_who_wrote("1", "2", "3")
        again = await self.visitor(visitor.token)
        self.check_members(again.watching, first_seq=1, last_seq=3, more=False)

    async def test_point_before_the_first_event(self):
        visitor = await self.visitor_who_wrote("1", "2", "3")
        again = await self.visitor(visitor.token, resume=[{"conv": visitor.conv, "epoch": visitor.epoch, "seq": 0}])
        again.watching = await again.expect("watching", first_seq=1, last_seq=3, more=False)
        self.check_events(await again.page_events(), 1, 3)

    async def test_visitor_whose_conversation_the_server_never_had(self):
        visitor = await self.visitor()
        again = await self.visitor(visitor.token, resume=[{"conv": visitor.conv, "epoch": visitor.epoch, "seq": 5}])
        await again.expect("reset", reason="cursor", conv=visitor.conv)
        await again.expect("watching", first_seq=1, last_seq=0, more=False)


class HistoryTest(LongConversation):
    async def test_pages_lead_back_to_the_beginning(self):
        agent = await self.agent()
        before, taken = self.LENGTH + 1, 0
        while before > 1:
            page = await agent.command("history", conv=self.conv, before=before, limit=100)
            self.check_members(page, t="page", conv=self.conv, more=before > 101)
            self.check_events(page["events"], max(1, before - 100), before - 1)
            before, taken = page["events"][0]["seq"], taken + len(page["events"])
        self.assertEqual(taken, self.LENGTH)

    async def test_limit_is_50_if_none_is_given_and_at_most_100(self):
        agent = await self.agent()
        page = await agent.command("history", conv=self.conv, before=500)
        self.check_events(page["events"], 450, 499)
        self.assertTrue(page["more"])
        for limit in (0, 101, -1):
            answer = await agent.command("history", conv=self.conv, before=500, limit=limit)
            self.check_members(answer, t="error", error="bad_message")

    async def test_before_the_first_event_there_is_nothing(self):
        agent = await self.agent()
        page = await agent.command("history", conv=self.conv, before=1)
        self.check_members(page, t="page", events=[], more=False)
        page = await agent.command("history", conv=self.conv, before=2**53 - 1, limit=1)
        self.check_events(page["events"], self.LENGTH, self.LENGTH)

    async def test_visitor_reads_its_own(self):
        visitor = await self.visitor(self.token)
        page = await visitor.command("history", conv=self.conv, before=11, limit=4)
        self.check_events(page["events"], 7, 10)


class LiveTest(ServerTest):
    async def test_nothing_falls_between_the_page_and_the_live_events(self):
        """Watchers come and go while somebody writes; each gets every event exactly once, in order."""
        visitor = await self.visitor_who_wrote("1")
        writer = await self.agent()
        reader = await self.agent()
        count, last = 600, 0
        for number in range(2, count + 1):
            await writer.say(
                {"t": "send", "id": number, "conv": visitor.conv, "client_id": new_client_id(), "text": str(number)}
            )
        seqs: list[int] = []
        while last < count:
            await reader.say({"t": "watch", "id": 1, "conv": visitor.conv, "epoch": reader.epoch, "after": last})
            watching = await reader.until("watching")
            self.assertEqual(watching["first_seq"], last + 1)
            while last < watching["last_seq"] or len(seqs) % 7 != 0:
                message = await reader.receive()
                new = [message["event"]] if message["t"] == "event" else message.get("events", [])
                for event in new:
                    self.assertEqual(event["seq"], last + 1)
                    last = event["seq"]
                    seqs.append(last)
                if last == count:
                    break
            await reader.say({"t": "unwatch", "conv": visitor.conv})
            await reader.say({"t": "ping", "n": 1})
            while (message := await reader.receive())["t"] != "pong":
                for event in [message["event"]] if message["t"] == "event" else message.get("events", []):
                    self.assertEqual(event["seq"], last + 1)
                    last = event["seq"]
        self.assertEqual(last, count)

    async def test_watching_again_at_once_gives_two_pages_and_then_each_event_once(self):
        visitor = await self.visitor_who_wrote("1", "2", "3")
        agent = await self.agent()
        for number in range(20):
            await agent.say({"t": "watch", "id": number, "conv": visitor.conv})
        await visitor.send("4")
        pages = 0
        last = 0
        while pages < 20 or last < 4:
            message = await agent.receive()
            if message["t"] == "watching":
                self.assertEqual(message["id"], pages)
                pages += 1
                last = message["first_seq"] - 1
            for event in [message["event"]] if message["t"] == "event" else message.get("events", []):
                self.assertEqual(event["seq"], last + 1)
                last = event["seq"]
        await visitor.send("5")
        check_members((await agent.until("event"))["event"], {"seq": 5})
        await agent.pong()
        self.assertNotIn("event", [message["t"] for message in agent.skipped])

    async def test_unwatch_ends_it(self):
        visitor = await self.visitor_who_wrote("1")
        agent = await self.agent()
        await agent.watch(visitor.conv)
        await agent.say({"t": "unwatch", "conv": visitor.conv})
        await agent.pong()
        await visitor.send("2")
        await agent.until("conversations")
        self.assertNotIn("event", [message["t"] for message in agent.skipped])
        await agent.say({"t": "unwatch", "conv": NO_CONVERSATION})  # nothing to end is no error
        await agent.pong()

    async def test_at_most_200_conversations_are_watched(self):
        agent = await self.agent()
        visitors = [await self.visitor_who_wrote("x") for _ in range(3)]
        first = await self.visitor_who_wrote("x")
        # Watches of what does not exist do not count, and watching again does not either.
        for _ in range(40):
            self.check_members(await agent.command("watch", conv=NO_CONVERSATION), error="not_found")
        for _ in range(210):
            self.check_members(await agent.command("watch", conv=first.conv), t="watching")
        for visitor in visitors:
            self.check_members(await agent.command("watch", conv=visitor.conv), t="watching")


class ManyConversationsTest(ServerTest):
    async def test_the_201st_is_refused(self):
        agent = await self.agent()
        for number in range(201):
            visitor = await self.server.visitor()
            await visitor.send("x")
            answer = await agent.command("watch", conv=visitor.conv)
            await visitor.close()
            if number < 200:
                self.check_members(answer, t="watching")
        self.check_members(answer, t="error", error="forbidden", retryable=False)


if __name__ == "__main__":
    unittest.main()
