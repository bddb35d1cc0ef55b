/** Answers each call with the time its handler started. Ends with the process that started it. */
import { createServer } from 'node:http';

const server = createServer(async (request, response) => {
  let text = '';
  for await (const chunk of request) text += chunk;
  const { files_indexed } = JSON.parse(text);
  const body = JSON.stringify({ handled: Number(process.hrtime.bigint()) / 1e6, files_indexed });
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(body);
});
// Connections rest while other contenders have their turn.
server.keepAliveTimeout = 600_000;
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('disconnect', () => process.exit());
