"""One turn with the Agent SDK, which reads only the project's settings file.

Arguments: the Claude Code binary, the prompt.
"""

import asyncio
import json
import sys

from claude_agent_sdk import ClaudeAgentOptions, ResultMessage, query


async def main():
    binary, prompt = sys.argv[1:3]
    options = ClaudeAgentOptions(cli_path=binary, setting_sources=["project"],
                                 permission_mode="bypassPermissions")
    async for message in query(prompt=prompt, options=options):
        if isinstance(message, ResultMessage):
            print(json.dumps({"is_error": message.is_error, "result": message.result,
                              "num_turns": message.num_turns}))


asyncio.run(main())
