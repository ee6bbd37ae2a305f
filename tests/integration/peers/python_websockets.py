"""An echo server on python3-websockets, as its documentation has it: what `clearline inspect` is tried on.

Usage: python_websockets.py MESSAGE_BYTES_MAX
"""

import asyncio
import logging
import sys

import websockets


async def echo(socket, _path=None) -> None:
    async for message in socket:
        await socket.send(message)


async def main() -> None:
    logging.getLogger("websockets").setLevel(logging.CRITICAL)
    async with websockets.serve(echo, "127.0.0.1", 0, max_size=int(sys.argv[1])) as server:
        print(f"listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
        await asyncio.Future()


asyncio.run(main())
