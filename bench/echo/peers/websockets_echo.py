#!/usr/bin/env python3
"""python3-websockets, as the distribution packages it, with its C helper and without keep-alive pings."""

import asyncio
import sys

import websockets


async def echo(connection, *_) -> None:
    try:
        async for message in connection:
            await connection.send(message)
    except websockets.exceptions.ConnectionClosed:
        pass


async def main() -> None:
    server = await websockets.serve(
        echo,
        "127.0.0.1",
        0,
        backlog=4096,
        compression="deflate" if "--deflate" in sys.argv else None,
        max_size=64 << 20,
        ping_interval=None,
    )
    print(f"listening on 127.0.0.1:{server.sockets[0].getsockname()[1]}", flush=True)
    await asyncio.Future()


asyncio.run(main())
