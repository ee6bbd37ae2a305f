"""Sending: acks, duplicates, refusals, order (docs/reference/protocol.md, sections 3 and 4)."""

import asyncio
import unittest

from harness import NO_CONVERSATION, ServerTest, new_client_id


class SendTest(ServerTest):
    async def test_ack_names_the_command_and_its_place(self):
        visitor = await self.visitor()
        client_id = new_client_id()
        ack = await visitor.send("Hello!", client_id)
        self.check_members(
            ack, t="ack", id=1, conv=visitor.conv, client_id=client_id, seq=1, epoch=visitor.epoch, duplicate=False
        )
        self.assertGreater(ack["at"], 1_700_000_000_000)
        self.check_members(await visitor.send("again"), seq=2, id=2)

    async def test_other_side_gets_the_event_and_the_sender_does_not(self):
        visitor = await self.visitor_who_wrote("Hello!")
        agent = await self.agent()
        await agent.watch(visitor.conv)
        client_id = new_client_id()
        ack = await visitor.send("Anybody?", client_id)
        event = (await agent.until("event", conv=visitor.conv))["event"]
        expected = {"seq": 2, "at": ack["at"], "kind": "message", "client_id": client_id, "text": "Anybody?"}
        expected["from"] = {"role": "visitor", "id": visitor.welcome["visitor"]["id"]}
        self.assertEqual(event, expected)
        answer_id = new_client_id()
        ack = await agent.send("Yes.", answer_id, conv=visitor.conv)
        event = (await visitor.until("event", conv=visitor.conv))["event"]
        self.check_members(event, seq=3, at=ack["at"], kind="message", client_id=answer_id, text="Yes.")
        self.check_members(event["from"], role="agent", name="Admin", id=agent.welcome["agent"]["id"])
        for client in (visitor, agent):
            await client.pong()
            self.assertNotIn("event", [message["t"] for message in client.skipped])

    async def test_agent_sends_without_watching(self):
        visitor = await self.visitor_who_wrote("Hello!")
        agent = await self.agent()
        self.check_members(await agent.send("Yes.", conv=visitor.conv), t="ack", seq=2)
        await visitor.until("event")

    async def test_same_client_id_and_text_is_stored_once(self):
        visitor = await self.visitor()
        client_id = new_client_id()
        first = await visitor.send("once", client_id)
        await visitor.send("between")
        again = await visitor.send("once", client_id)
        self.check_members(again, t="ack", seq=first["seq"], at=first["at"], duplicate=True)
        reader = await self.visitor(visitor.token)
        self.assertEqual([event["text"] for event in await reader.page_events()], ["once", "between"])

    async def test_resend_on_another_connection_is_a_duplicate(self):
        visitor = await self.visitor()
        client_id = new_client_id()
        first = await visitor.send("once", client_id)
        again = await self.visitor(visitor.token)
        self.check_members(await again.send("once", client_id), t="ack", seq=first["seq"], duplicate=True)

    async def test_same_message_twice_at_once_is_stored_once(self):
        visitor = await self.visitor()
        client_id = new_client_id()
        send = {"t": "send", "conv": visitor.conv, "client_id": client_id, "text": "x"}
        await visitor.say({**send, "id": 1})
        await visitor.say({**send, "id": 2})
        acks = [await visitor.expect("ack"), await visitor.expect("ack")]
        self.assertEqual({(ack["id"], ack["duplicate"]) for ack in acks}, {(1, False), (2, True)})
        self.assertEqual({ack["seq"] for ack in acks}, {1})

    async def test_same_client_id_with_another_text_is_a_mismatch(self):
        visitor = await self.visitor()
        client_id = new_client_id()
        await visitor.send("one", client_id)
        answer = await visitor.send("two", client_id)
        self.check_members(answer, t="error", error="duplicate_mismatch", retryable=False)

    async def test_client_id_is_of_one_conversation(self):
        client_id = new_client_id()
        for _ in range(2):
            visitor = await self.visitor()
            self.check_members(await visitor.send("x", client_id), t="ack", seq=1, duplicate=False)

    async def test_client_id_that_is_no_uuid_is_refused(self):
        visitor = await self.visitor()
        good = new_client_id()
        for bad in ("", "x", good.upper(), "{" + good + "}", good.replace("-", ""), good + " "):
            with self.subTest(client_id=bad):
                answer = await visitor.command("send", conv=visitor.conv, client_id=bad, text="x")
                self.check_members(answer, t="error", error="bad_client_id", retryable=False)

    async def test_empty_text_is_refused_and_white_space_is_a_text(self):
        visitor = await self.visitor()
        self.check_members(await visitor.send(""), t="error", error="text_empty", retryable=False)
        self.check_members(await visitor.send(" \n\t"), t="ack", seq=1)

    async def test_text_has_at_most_16384_bytes(self):
        visitor = await self.visitor()
        for text in ("x" * 16384, "é" * 8192, "𝄞" * 4096):
            self.check_members(await visitor.send(text), t="ack")
        for text in ("x" * 16385, "é" * 8192 + "x", "𝄞" * 4097):
            self.check_members(await visitor.send(text), t="error", error="too_large", retryable=False)

    async def test_conversation_that_does_not_exist(self):
        agent = await self.agent()
        visitor = await self.visitor()  # has written nothing
        for conv in (NO_CONVERSATION, visitor.conv):
            self.check_members(await agent.send("x", conv=conv), t="error", error="not_found", retryable=False)
        for conv in ("", "nonsense", "v" + visitor.conv[1:], visitor.conv.upper()):
            answer = await agent.command("send", conv=conv, client_id=new_client_id(), text="x")
            self.check_members(answer, t="error", error="bad_message")

    async def test_visitor_that_types_faster_than_a_person_is_slowed_down(self):
        visitor = await self.visitor()
        for number in range(80):
            await visitor.say(
                {"t": "send", "id": number, "conv": visitor.conv, "client_id": new_client_id(), "text": "x"}
            )
        answers = [await visitor.receive() for _ in range(80)]
        refused = [answer for answer in answers if answer["t"] == "error"]
        self.assertTrue(refused)
        for answer in refused:
            self.check_members(answer, error="rate_limited", retryable=True)
            self.assertGreater(answer["retry_after_ms"], 0)
        acks = [answer["seq"] for answer in answers if answer["t"] == "ack"]
        self.assertEqual(acks, list(range(1, len(acks) + 1)))
        self.assertEqual(len(acks) + len(refused), 80)

    async def test_answers_come_in_the_order_of_the_commands(self):
        agent = await self.agent()
        visitor = await self.visitor_who_wrote("x")
        count = 200
        for number in range(count):
            await agent.say(
                {"t": "send", "id": number, "conv": visitor.conv, "client_id": new_client_id(), "text": str(number)}
            )
        acks = []
        while len(acks) < count:
            acks.append(await agent.until("ack"))
        self.assertEqual([ack["id"] for ack in acks], list(range(count)))
        self.assertEqual([ack["seq"] for ack in acks], list(range(2, count + 2)))
        for number in range(count):
            self.check_members((await visitor.until("event"))["event"], seq=number + 2, text=str(number))


class OrderTest(ServerTest):
    """Each connection's acks and events for one conversation come in `seq` order, without a hole."""

    async def take_all(self, client, last: int, up_to: int) -> list[int]:
        seqs = []
        while last + len(seqs) < up_to:
            message = await client.receive()
            if message["t"] == "ack" and not message["duplicate"]:
                seqs.append(message["seq"])
            elif message["t"] == "event":
                seqs.append(message["event"]["seq"])
        return seqs

    async def say_many(self, client, conv: str, count: int) -> None:
        for number in range(count):
            text = f"{id(client)} {number}"
            await client.say({"t": "send", "id": number, "conv": conv, "client_id": new_client_id(), "text": text})

    async def test_senders_at_the_same_time(self):
        visitor = await self.visitor_who_wrote("first")
        agents = [await self.agent() for _ in range(4)]
        for agent in agents:
            await agent.watch(visitor.conv)
        count = 150
        clients = [*agents, visitor]
        total = 1 + len(agents) * count
        taken = await asyncio.gather(
            *(self.say_many(agent, visitor.conv, count) for agent in agents),
            *(self.take_all(client, 1, total) for client in clients),
        )
        for seqs in taken[len(agents) :]:
            self.assertEqual(seqs, list(range(2, total + 1)))

    async def test_reopening_is_seen_before_the_message_that_reopens(self):
        visitor = await self.visitor_who_wrote("first")
        agent = await self.agent()
        await agent.watch(visitor.conv)
        self.check_members(await agent.command("close_conversation", conv=visitor.conv, client_id=new_client_id()), seq=2)
        self.check_members((await visitor.until("event"))["event"], seq=2, kind="closed")
        await visitor.say(
            {"t": "send", "id": 9, "conv": visitor.conv, "client_id": new_client_id(), "text": "one more"}
        )
        self.check_members((await visitor.expect("event"))["event"], seq=3, kind="reopened")
        await visitor.expect("ack", seq=4)
        self.check_members((await agent.until("event"))["event"], seq=3, kind="reopened")
        self.check_members((await agent.until("event"))["event"], seq=4, kind="message")


class CloseTest(ServerTest):
    async def test_close_is_an_event_with_an_ack(self):
        visitor = await self.visitor_who_wrote("first")
        agent = await self.agent()
        client_id = new_client_id()
        ack = await agent.command("close_conversation", conv=visitor.conv, client_id=client_id)
        self.check_members(ack, t="ack", seq=2, duplicate=False, client_id=client_id)
        event = (await visitor.until("event"))["event"]
        self.check_members(event, seq=2, kind="closed", client_id=client_id)
        self.assertNotIn("text", event)
        self.check_members(event["from"], role="agent", name="Admin")
        again = await agent.command("close_conversation", conv=visitor.conv, client_id=client_id)
        self.check_members(again, t="ack", seq=2, duplicate=True)
        other = await agent.command("close_conversation", conv=visitor.conv, client_id=new_client_id())
        self.check_members(other, t="error", error="conversation_closed", retryable=False)
        await agent.watch(visitor.conv)
        self.check_members(agent.watching["state"], status="closed", waiting_since=None)

    async def test_message_reopens(self):
        visitor = await self.visitor_who_wrote("first")
        agent = await self.agent()
        await agent.command("close_conversation", conv=visitor.conv, client_id=new_client_id())
        client_id = new_client_id()
        self.check_members(await visitor.send("again", client_id), seq=4)
        self.check_members(await visitor.send("again", client_id), seq=4, duplicate=True)
        events = await agent.watch(visitor.conv)
        self.assertEqual([event["kind"] for event in events], ["message", "closed", "reopened", "message"])
        self.assertNotIn("client_id", events[2])
        self.check_members(events[2]["from"], role="visitor")
        self.check_members(agent.watching["state"], status="open", last_seq=4)

    async def test_agents_message_reopens_too(self):
        visitor = await self.visitor_who_wrote("first")
        agent = await self.agent()
        await agent.command("close_conversation", conv=visitor.conv, client_id=new_client_id())
        self.check_members(await agent.send("one more thing", conv=visitor.conv), seq=4)
        kinds = [(await visitor.until("event"))["event"]["kind"] for _ in range(3)]
        self.assertEqual(kinds, ["closed", "reopened", "message"])

    async def test_client_id_of_a_message_closes_nothing(self):
        visitor = await self.visitor()
        client_id = new_client_id()
        await visitor.send("first", client_id)
        agent = await self.agent()
        answer = await agent.command("close_conversation", conv=visitor.conv, client_id=client_id)
        self.check_members(answer, t="error", error="duplicate_mismatch")


class TabsTest(ServerTest):
    async def test_two_tabs_of_a_visitor_see_the_same(self):
        first = await self.visitor_who_wrote("one")
        second = await self.visitor(first.token)
        self.assertEqual(len(await second.page_events()), 1)
        await second.send("two")
        self.check_members((await first.until("event"))["event"], seq=2, text="two")
        await first.send("three")
        self.check_members((await second.until("event"))["event"], seq=3, text="three")

    async def test_two_agents_see_the_same(self):
        visitor = await self.visitor_who_wrote("one")
        agents = [await self.agent() for _ in range(2)]
        for agent in agents:
            await agent.watch(visitor.conv)
        await agents[0].send("mine", conv=visitor.conv)
        event = (await agents[1].until("event"))["event"]
        self.assertEqual(event, (await visitor.until("event"))["event"])
        await visitor.send("two")
        events = [(await agent.until("event"))["event"] for agent in agents]
        self.assertEqual(events[0], events[1])
        summaries = [(await agent.command("inbox", site="demo", status="open"))["conversations"] for agent in agents]
        self.assertEqual(summaries[0], summaries[1])


if __name__ == "__main__":
    unittest.main()
