// Uses the official SDK in every way a program would, and prints what came back as JSON.
// Arguments: the package's name. Address and token come from the environment.
const { default: Anthropic } = await import(process.argv[2]);

const client = new Anthropic({ maxRetries: 0 });
const model = process.env.ANTHROPIC_MODEL;
const out = {};

function ask(content, more = {}) {
  return { model, max_tokens: 200, messages: [{ role: 'user', content }], ...more };
}

async function failure(action) {
  try {
    await action();
    return { name: 'none' };
  } catch (error) {
    return {
      name: error.constructor.name, status: error.status ?? null, message: error.message,
      type: error.error?.error?.type ?? null, request_id: error.requestID ?? null,
    };
  }
}

const { data: whole, response } = await client.messages.create(ask('hi')).withResponse();
out.whole = { text: whole.content[0].text, model: whole.model, usage: whole.usage };
out.request_id = response.headers.get('request-id');

const tools = [{ name: 'weather', description: 'd', input_schema: { type: 'object' } }];
const stream = client.messages.stream(ask('TOOL', { tools }));
let deltas = 0;
stream.on('streamEvent', (event) => { deltas += event.type === 'content_block_delta'; });
const streamed = await stream.finalMessage();
out.streamed = {
  content: streamed.content, stop_reason: streamed.stop_reason, model: streamed.model, deltas,
};

const second = ask('TOOL', { tools });
second.messages.push({ role: 'assistant', content: streamed.content });
second.messages.push({
  role: 'user',
  content: [{ type: 'tool_result', tool_use_id: streamed.content.at(-1).id, content: 'sunny ☀️' }],
});
out.second = (await client.messages.create(second)).content[0].text;

let raw = '';
for await (const event of await client.messages.create(ask('hi', { stream: true }))) {
  if (event.type === 'content_block_delta') raw += event.delta.text;
}
out.raw = raw;

out.counted = (await client.messages.countTokens({
  model, messages: [{ role: 'user', content: 'hi' }],
})).input_tokens;
out.models = [];
for await (const entry of client.models.list({ limit: 1000 })) out.models.push(entry.id);

out.errors = {
  unknown_model: await failure(() => client.messages.create({ ...ask('hi'), model: 'no-such' })),
  wrong_key: await failure(
    () => new Anthropic({ maxRetries: 0, authToken: 'wrong', apiKey: null })
      .messages.create(ask('hi'))),
  overloaded: await failure(() => client.messages.create(ask('FAIL overloaded'))),
  broken: await failure(() => client.messages.stream(ask('FAIL broken')).finalMessage()),
};
console.log(JSON.stringify(out));
