// One turn with the Agent SDK, which reads only the project's settings file.
// Arguments: the Claude Code binary, the prompt.
import { query } from '@anthropic-ai/claude-agent-sdk';

const [binary, prompt] = process.argv.slice(2);
const options = {
  pathToClaudeCodeExecutable: binary, settingSources: ['project'],
  permissionMode: 'bypassPermissions', allowDangerouslySkipPermissions: true,
};
for await (const message of query({ prompt, options })) {
  if (message.type === 'result') console.log(JSON.stringify(message));
}
