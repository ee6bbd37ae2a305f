// Generated from src/registry/registry.json.
export const policies = {
  "stop": {
    "action": "stop"
  },
  "stop_if_ours": {
    "action": "stop_if_ours",
    "firstWindowMs": 500,
    "backoffBaseMs": 500,
    "backoffCapMs": 30000
  },
  "now": {
    "action": "connect",
    "firstWindowMs": 500,
    "backoffBaseMs": 500,
    "backoffCapMs": 30000
  },
  "now_without_oldest": {
    "action": "connect",
    "firstWindowMs": 500,
    "backoffBaseMs": 500,
    "backoffCapMs": 30000,
    "outbox": "fail_oldest"
  },
  "later": {
    "action": "connect",
    "honoursHint": true,
    "floorMs": 250,
    "backoffBaseMs": 2000,
    "backoffCapMs": 60000
  },
  "later_unless_poison": {
    "action": "connect",
    "honoursHint": true,
    "floorMs": 250,
    "backoffBaseMs": 2000,
    "backoffCapMs": 60000,
    "outbox": "set_aside_after_three"
  },
  "after_restart": {
    "action": "connect",
    "honoursHint": true,
    "firstWindowMs": 5000,
    "floorMs": 500,
    "backoffBaseMs": 500,
    "backoffCapMs": 30000
  },
  "when_less_busy": {
    "action": "connect",
    "honoursHint": true,
    "mayHurry": false,
    "firstWindowMs": 10000,
    "floorMs": 10000,
    "backoffBaseMs": 10000,
    "backoffCapMs": 120000
  },
  "slowly": {
    "action": "connect",
    "mayHurry": false,
    "floorMs": 15000,
    "backoffBaseMs": 30000,
    "backoffCapMs": 300000,
    "triesMax": 5
  },
  "once": {
    "action": "connect",
    "resync": true,
    "mayHurry": false,
    "floorMs": 5000,
    "triesMax": 1
  },
  "certificate": {
    "action": "connect",
    "firstWindowMs": 500,
    "backoffBaseMs": 500,
    "backoffCapMs": 30000,
    "triesMax": 3
  },
  "new_token": {
    "action": "connect",
    "renewToken": true,
    "firstWindowMs": 1000,
    "backoffBaseMs": 500,
    "backoffCapMs": 30000,
    "stopIfRepeatedWithinMs": 60000
  },
  "renew": {
    "action": "connect",
    "renewToken": true,
    "backoffBaseMs": 500,
    "backoffCapMs": 30000
  },
  "resync": {
    "action": "connect",
    "resync": true,
    "firstWindowMs": 1000,
    "backoffBaseMs": 500,
    "backoffCapMs": 30000
  },
  "as_told": {
    "action": "connect",
    "honoursHint": true,
    "firstWindowMs": 5000,
    "floorMs": 1000,
    "backoffBaseMs": 2000,
    "backoffCapMs": 60000
  },
  "reload_once": {
    "action": "stop",
    "reload": true
  },
  "own_close": {
    "action": "none"
  }
} as const;
export const entries = [
  [1000, 1000, "normal_closure", "Normal Closure", "stop_if_ours", "chat_ended", 0],
  [1001, 1001, "going_away", "Going Away", "later", "service_stopped", 0],
  [1002, 1002, "protocol_error", "Protocol error", "once", "protocol_problem", 0],
  [1003, 1003, "unsupported_data", "Unsupported Data", "once", "protocol_problem", 0],
  [1004, 1004, "reserved", "Reserved", "once", "protocol_problem", 0],
  [1005, 1005, "no_status_received", "No Status Rcvd", "now", "reconnecting", 5000],
  [1006, 1006, "abnormal_closure", "Abnormal Closure", "now", "reconnecting", 5000],
  [1007, 1007, "invalid_payload", "Invalid frame payload data", "once", "protocol_problem", 0],
  [1008, 1008, "policy_violation", "Policy Violation", "slowly", "refused", 0],
  [1009, 1009, "message_too_big", "Message Too Big", "now_without_oldest", "message_too_long", 0],
  [1010, 1010, "mandatory_extension", "Mandatory Ext.", "stop", "extension_missing", 0],
  [1011, 1011, "internal_error", "Internal Error", "later_unless_poison", "internal_error", 0],
  [1012, 1012, "service_restart", "Service Restart", "after_restart", "restarting", 5000],
  [1013, 1013, "try_again_later", "Try Again Later", "when_less_busy", "busy", 0],
  [1014, 1014, "bad_gateway", "Bad gateway", "later", "busy", 0],
  [1015, 1015, "tls_handshake", "TLS handshake", "certificate", "certificate", 0],
  [3000, 3000, "unauthorized", "Unauthorized", "new_token", "sign_in_again", 0],
  [3003, 3003, "forbidden", "Forbidden", "stop", "access_withdrawn", 0],
  [3008, 3008, "timeout", "Timeout", "now", "reconnecting", 5000],
  [4000, 4000, "conversation_ended", "Conversation ended", "stop", "chat_ended", 0],
  [4001, 4001, "replaced", "Replaced", "stop", "replaced", 0],
  [4003, 4003, "site_closed", "Site closed", "stop", "not_available", 0],
  [4004, 4004, "client_too_old", "Client too old", "reload_once", "reload_page", 0],
  [4005, 4005, "signed_out_elsewhere", "Signed out elsewhere", "stop", "signed_out_elsewhere", 0],
  [4100, 4100, "moved", "Moved", "as_told", "restarting", 5000],
  [4101, 4101, "rate_limited", "Rate limited", "as_told", "slow_down", 0],
  [4102, 4102, "too_many_sockets", "Too many sockets", "as_told", "too_many_sockets", 0],
  [4200, 4200, "token_expiring", "Token expiring", "renew", "reconnecting", 5000],
  [4201, 4201, "rights_changed", "Rights changed", "renew", "rights_changed", 0],
  [4300, 4300, "cursor_too_old", "Cursor too old", "resync", "loading_again", 5000],
  [4301, 4301, "new_epoch", "New epoch", "resync", "loading_again", 5000],
  [4900, 4900, "client_offline", "Offline", "own_close", null, 0],
  [4901, 4901, "page_hidden", "Page hidden", "own_close", null, 0],
  [4902, 4902, "heartbeat_lost", "Heartbeat lost", "own_close", null, 0],
  [4903, 4903, "closed_by_person", "Closed by the person", "own_close", null, 0],
  [4904, 4904, "another_tab_leads", "Another tab leads", "own_close", null, 0],
  [4905, 4905, "page_frozen", "Frozen", "own_close", null, 0],
  [4906, 4906, "bad_frame", "Bad frame", "own_close", null, 0],
  [0, 999, "below_protocol", "Not used", "once", "protocol_problem", 0],
  [1016, 1999, "protocol_future", "Unassigned (protocol)", "once", "protocol_problem", 0],
  [2000, 2999, "extensions", "Unassigned (extensions)", "once", "protocol_problem", 0],
  [3000, 3999, "libraries", "Libraries and frameworks", "now", "reconnecting", 5000],
  [4000, 4099, "final", "Final", "stop", "chat_ended", 0],
  [4100, 4199, "retry_as_told", "Retry as told", "as_told", "reconnecting", 5000],
  [4200, 4299, "new_credential", "New credential", "renew", "reconnecting", 5000],
  [4300, 4399, "resync_band", "Resync", "resync", "loading_again", 5000],
  [4400, 4899, "not_used", "Not used", "now", "reconnecting", 5000],
  [4900, 4999, "sdk_band", "Sent by the SDK", "own_close", null, 0],
  [5000, 65535, "above_protocol", "Not valid", "once", "protocol_problem", 0],
] as const;
export const closeCode = {
  normal_closure: 1000,
  going_away: 1001,
  protocol_error: 1002,
  unsupported_data: 1003,
  reserved: 1004,
  no_status_received: 1005,
  abnormal_closure: 1006,
  invalid_payload: 1007,
  policy_violation: 1008,
  message_too_big: 1009,
  mandatory_extension: 1010,
  internal_error: 1011,
  service_restart: 1012,
  try_again_later: 1013,
  bad_gateway: 1014,
  tls_handshake: 1015,
  unauthorized: 3000,
  forbidden: 3003,
  timeout: 3008,
  conversation_ended: 4000,
  replaced: 4001,
  site_closed: 4003,
  client_too_old: 4004,
  signed_out_elsewhere: 4005,
  moved: 4100,
  rate_limited: 4101,
  too_many_sockets: 4102,
  token_expiring: 4200,
  rights_changed: 4201,
  cursor_too_old: 4300,
  new_epoch: 4301,
  client_offline: 4900,
  page_hidden: 4901,
  heartbeat_lost: 4902,
  closed_by_person: 4903,
  another_tab_leads: 4904,
  page_frozen: 4905,
  bad_frame: 4906,
} as const;
