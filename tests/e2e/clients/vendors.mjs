// Uses the vendors' own SDKs as any program would, and prints what they made of the answers.
// Arguments: which SDK; address, key and model. Each asks for text and for a tool call, whole and
// streamed, and sends the tool's result.
const [sdk, url, key, model] = process.argv.slice(2);
const schema = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] };
const out = {};

async function chat() {
  const { default: OpenAI } = await import('openai');
  const client = new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 });
  const tools = [{ type: 'function', function: { name: 'weather', parameters: schema } }];
  const ask = (content) => ({ model, max_completion_tokens: 200,
    messages: [{ role: 'user', content }] });
  const whole = await client.chat.completions.create(ask('hi'));
  out.whole = whole.choices[0].message.content;
  out.usage = whole.usage.total_tokens;
  out.model = whole.model;
  const stream = client.chat.completions.stream({ ...ask('TOOL'), tools,
    stream_options: { include_usage: true } });
  const final = await stream.finalChatCompletion();
  // The stream helper adds fields of its own, which no service takes back.
  const { content, tool_calls } = final.choices[0].message;
  const message = { role: 'assistant', content, tool_calls: tool_calls.map(
    ({ id, type, function: { name, arguments: text } }) => (
      { id, type, function: { name, arguments: text } })) };
  out.text = message.content;
  out.call = JSON.parse(message.tool_calls[0].function.arguments);
  out.finish = final.choices[0].finish_reason;
  out.streamed_usage = final.usage.total_tokens;
  const second = ask('TOOL');
  second.messages.push(message,
    { role: 'tool', tool_call_id: message.tool_calls[0].id, content: 'sunny ☀️' });
  out.second = (await client.chat.completions.create({ ...second, tools }))
    .choices[0].message.content;
  out.error = await client.chat.completions.create({ ...ask('hi'), model: 'no-such-account/no-such-model' })
    .then(() => null, (error) => ({ status: error.status, message: error.message }));
}

async function responses() {
  const { default: OpenAI } = await import('openai');
  const client = new OpenAI({ apiKey: key, baseURL: `${url}/v1`, maxRetries: 0 });
  const tools = [{ type: 'function', name: 'weather', parameters: schema, strict: false }];
  const ask = (input) => ({ model, max_output_tokens: 200, store: false, input });
  const whole = await client.responses.create(ask([{ role: 'user', content: 'hi' }]));
  out.whole = whole.output_text;
  out.usage = whole.usage.total_tokens;
  out.model = whole.model;
  const stream = client.responses.stream({ ...ask([{ role: 'user', content: 'TOOL' }]), tools });
  const final = await stream.finalResponse();
  const call = final.output.find((item) => item.type === 'function_call');
  out.text = final.output_text;
  out.call = JSON.parse(call.arguments);
  out.finish = final.status;
  out.streamed_usage = final.usage.total_tokens;
  const history = final.output.filter((item) => item.type !== 'reasoning').map((item) => (
    item.type === 'function_call'
      ? { type: item.type, call_id: item.call_id, name: item.name, arguments: item.arguments }
      : { role: 'assistant', content: item.content.map(({ type, text }) => ({ type, text })) }));
  const second = ask([{ role: 'user', content: 'TOOL' }, ...history,
    { type: 'function_call_output', call_id: call.call_id, output: 'sunny ☀️' }]);
  out.second = (await client.responses.create({ ...second, tools })).output_text;
  out.error = await client.responses.create({ ...ask('hi'), model: 'no-such-account/no-such-model' })
    .then(() => null, (error) => ({ status: error.status, message: error.message }));
}

async function gemini() {
  const { GoogleGenAI } = await import('@google/genai');
  const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } });
  const user = (text) => ({ role: 'user', parts: [{ text }] });
  const tools = [{ functionDeclarations: [{ name: 'weather', parametersJsonSchema: schema }] }];
  const whole = await client.models.generateContent({ model, contents: [user('hi')] });
  out.whole = whole.text;
  out.usage = whole.usageMetadata.totalTokenCount;
  const parts = [];
  for await (const chunk of await client.models.generateContentStream({
    model, contents: [user('TOOL')], config: { tools } })) {
    parts.push(...(chunk.candidates?.[0]?.content?.parts ?? []));
    out.finish = chunk.candidates?.[0]?.finishReason ?? out.finish;
  }
  out.text = parts.map((part) => part.text ?? '').join('');
  const called = parts.filter((part) => part.functionCall);
  out.call = called[0].functionCall.args;
  out.second = (await client.models.generateContent({ model, config: { tools }, contents: [
    user('TOOL'), { role: 'model', parts: [{ text: out.text }, ...called] },
    { role: 'user', parts: [{ functionResponse: {
      name: 'weather', response: { output: 'sunny ☀️' } } }] }] })).text;
}

async function converse() {
  const { BedrockRuntimeClient, ConverseCommand, ConverseStreamCommand } =
    await import('@aws-sdk/client-bedrock-runtime');
  const { NodeHttpHandler } = await import('@smithy/node-http-handler');
  process.env.AWS_BEARER_TOKEN_BEDROCK = key;
  const client = new BedrockRuntimeClient({ region: 'us-east-1', endpoint: url,
    token: { token: key }, authSchemePreference: ['httpBearerAuth'],
    requestHandler: new NodeHttpHandler() });
  const user = (text) => ({ role: 'user', content: [{ text }] });
  const toolConfig = { tools: [{ toolSpec: { name: 'weather', inputSchema: { json: schema } } }] };
  const whole = await client.send(new ConverseCommand({ modelId: model, messages: [user('hi')] }));
  out.whole = whole.output.message.content.map((block) => block.text ?? '').join('');
  out.usage = whole.usage.totalTokens;
  const answer = await client.send(new ConverseStreamCommand({
    modelId: model, messages: [user('TOOL')], toolConfig }));
  let text = '', input = '', start = null;
  for await (const event of answer.stream) {
    start ??= event.contentBlockStart?.start?.toolUse ?? null;
    text += event.contentBlockDelta?.delta?.text ?? '';
    input += event.contentBlockDelta?.delta?.toolUse?.input ?? '';
    out.finish = event.messageStop?.stopReason ?? out.finish;
  }
  out.text = text;
  out.call = JSON.parse(input);
  const second = await client.send(new ConverseCommand({ modelId: model, toolConfig, messages: [
    user('TOOL'),
    { role: 'assistant', content: [{ text }, { toolUse: { ...start, input: out.call } }] },
    { role: 'user', content: [{ toolResult: {
      toolUseId: start.toolUseId, content: [{ text: 'sunny ☀️' }] } }] }] }));
  out.second = second.output.message.content.map((block) => block.text ?? '').join('');
}

await { chat, responses, gemini, converse }[sdk]();
console.log(JSON.stringify(out));
