// A real OpenID Connect server that signs whatever a test asks for. It prints the address of the
// server and of its controls: POST /sign {kid, header, claims}, POST /key {alg}, POST /public {kid}.
import { createPublicKey } from 'node:crypto';
import { createServer } from 'node:http';
import { OAuth2Server } from 'oauth2-mock-server';

const server = new OAuth2Server();
await server.issuer.keys.generate('RS256', { kid: 'rsa-1' });
await server.issuer.keys.generate('ES256', { kid: 'ec-1' });
await server.start(0, '127.0.0.1');
server.issuer.url = `http://127.0.0.1:${server.address().port}`;
// What a token of the server's own endpoint says beside the standard claims.
server.service.on('beforeTokenSigning', (token) => {
  token.payload.aud = 'tollgate';
  token.payload.email = 'dev-1@corp.example';
});

const controls = {
  '/sign': ({ kid, header = {}, claims = {} }) => server.issuer.buildToken({
    kid, scopesOrTransform: (own, payload) => {
      Object.assign(own, header);
      Object.assign(payload, claims);
      for (const part of [own, payload]) {
        for (const name of Object.keys(part)) if (part[name] === null) delete part[name];
      }
    } }),
  '/key': async ({ alg, kid }) => (await server.issuer.keys.generate(alg, { kid })).kid,
  '/public': ({ kid }) => {
    const key = server.issuer.keys.toJSON().find((k) => k.kid === kid);
    return createPublicKey({ key, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
  },
};
const control = createServer(async (request, response) => {
  let text = '';
  for await (const part of request) text += part;
  try {
    response.end(JSON.stringify(await controls[request.url](JSON.parse(text))));
  } catch (error) {
    response.writeHead(500).end(String(error));
  }
});
control.listen(0, '127.0.0.1', () => {
  console.log(`issuer ${server.issuer.url} control http://127.0.0.1:${control.address().port}`);
});
