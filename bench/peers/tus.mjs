// SPDX-License-Identifier: GPL-3.0-or-later
// tus.mjs FOLDER: npm's @tus/server on files, as its readme starts it. Prints its port.
import { createServer } from 'node:http'
import { Server } from '@tus/server'
import { FileStore } from '@tus/file-store'

const tus = new Server({ path: '/files', datastore: new FileStore({ directory: process.argv[2] }) })
const server = createServer((request, answer) => tus.handle(request, answer))
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
