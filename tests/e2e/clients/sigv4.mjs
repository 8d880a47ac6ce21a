// Signs requests that reached the upstream once more, with AWS's own library, and prints the list of
// authorization headers. Argument: a file with the calls and the credentials.
import { readFileSync } from 'node:fs';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';

const { calls, key, secret, token } = JSON.parse(readFileSync(process.argv[2], 'utf8'));
const credentials = { accessKeyId: key, secretAccessKey: secret };
if (token) credentials.sessionToken = token;

async function sign({ method, path, headers, body, region }) {
  const lower = Object.fromEntries(Object.entries(headers).map(([n, v]) => [n.toLowerCase(), v]));
  const names = /SignedHeaders=([^,]+)/.exec(lower.authorization)[1].split(';');
  // What the signer adds by itself is not given to it.
  const own = ['x-amz-date', 'x-amz-security-token'];
  const given = names.filter((name) => !own.includes(name));
  const date = lower['x-amz-date'].replace(
    /(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z/, '$1-$2-$3T$4:$5:$6Z');
  const signer = new SignatureV4({ service: 'bedrock', region, credentials, sha256: Sha256,
    applyChecksum: false });
  const signed = await signer.sign({ method, protocol: 'http:', hostname: 'unused', path, query: {},
    headers: Object.fromEntries(given.map((name) => [name, lower[name]])),
    body: Buffer.from(body, 'base64') }, { signingDate: new Date(date) });
  return signed.headers.authorization;
}

console.log(JSON.stringify(await Promise.all(calls.map(sign))));
