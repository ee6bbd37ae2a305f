"""The HTTP side (docs/reference/protocol.md, section 9)."""

import unittest

from harness import Server, ServerTest


class ApiTest(ServerTest):
    def test_status_may_be_asked_by_any_origin(self):
        answer = self.server.request("GET", "/api/v1/status", headers={"Origin": "https://any.example"})
        self.assertEqual(answer.status, 200)
        self.assertEqual(answer.json["status"], "ok")
        self.assertGreater(answer.json["time"], 1_700_000_000_000)
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "*")
        self.assertEqual(answer.headers["Cache-Control"], "no-store")

    def test_other_methods_are_refused_and_the_right_one_named(self):
        for path, allowed in (
            ("/api/v1/status", "GET"),
            ("/api/v1/widget", "GET"),
            ("/api/v1/session", "GET"),
            ("/api/v1/sign-in", "POST"),
            ("/api/v1/sign-out", "POST"),
            ("/api/v1/tickets", "POST"),
        ):
            for method in ("GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"):
                if method == allowed:
                    continue
                with self.subTest(method=method, path=path):
                    answer = self.server.request(method, path, "{}" if method in ("POST", "PUT", "PATCH") else None)
                    self.assertEqual(answer.status, 405)
                    self.assertEqual(answer.headers["Allow"], allowed)
                    self.assertEqual(answer.json["error"], "method_not_allowed")

    def test_head_has_the_fields_of_get_and_no_body(self):
        head = self.server.request("HEAD", "/api/v1/status")
        self.assertEqual((head.status, head.body), (200, b""))
        self.assertGreater(int(head.headers["Content-Length"]), 0)

    def test_unknown_endpoints_are_not_found(self):
        for path in ("/api/v1/nothing", "/api/", "/api/v2/status", "/api/v1/status/"):
            with self.subTest(path=path):
                answer = self.server.request("GET", path)
                self.assertEqual(answer.status, 404)
                self.assertEqual(answer.json["error"], "not_found")

    def test_body_that_is_too_large_is_refused(self):
        answer = self.server.request("POST", "/api/v1/sign-in", "x" * 20_000)
        self.assertEqual(answer.status, 413)


class AddressTest(unittest.TestCase):
    def test_second_server_on_the_same_data_is_refused(self):
        first = Server()
        self.addCleanup(first.remove)
        first.start()
        second = Server()
        self.addCleanup(second.remove)
        second.data = first.data
        with self.assertRaises(RuntimeError) as refused:
            second.start()
        self.assertIn(first.data, str(refused.exception))
        self.assertEqual(second.wait(), 1)
        self.assertEqual(first.request("GET", "/api/v1/status").status, 200)

    def test_taken_port_is_refused(self):
        first = Server()
        self.addCleanup(first.remove)
        first.start()
        second = Server()
        self.addCleanup(second.remove)
        second.port = first.port
        with self.assertRaises(RuntimeError) as refused:
            second.start()
        self.assertIn(str(first.port), str(refused.exception))
        self.assertEqual(second.wait(), 1)

    def test_several_shards_serve_one_port(self):
        server = Server(("--shards", "3"))
        self.addCleanup(server.remove)
        server.start()
        for _ in range(30):
            self.assertEqual(server.request("GET", "/api/v1/status").status, 200)
        self.assertEqual(server.stop(), 0)


if __name__ == "__main__":
    unittest.main()
