// SPDX-License-Identifier: GPL-3.0-or-later
// npm's tus-js-client as a program: `node tus_client.mjs MODULES {json}`. Sends one file, and prints what came of it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

const require = createRequire(process.argv[2] + '/')
const tus = require('tus-js-client')
const wish = JSON.parse(process.argv[3])
const outcome = { offsets: [], retries: 0, receipt: null, outcome: null }

const upload = new tus.Upload(readFileSync(wish.file), {
  retryDelays: [100, 300, 500, 1000, 2000, 3000],
  storeFingerprintForResuming: false,
  ...wish.options,
  onAfterResponse(_request, response) {
    outcome.receipt ??= response.getHeader('Oilskin-Receipt') ?? null
    outcome.outcome ??= response.getHeader('Oilskin-Outcome') ?? null
  },
  onShouldRetry(error) {
    outcome.retries++
    const status = error.originalResponse ? error.originalResponse.getStatus() : 0
    return status < 400 || status >= 500 || status === 409 || status === 423
  },
  onProgress(sent) {
    // The test stops the server, or this program, when so much was sent.
    console.log(`sent ${sent}`)
  },
  onChunkComplete(_size, accepted) {
    outcome.offsets.push(accepted)
    if (wish.stopAfter && accepted >= wish.stopAfter) {
      void upload.abort().then(() => {
        console.log(JSON.stringify({ ...outcome, url: upload.url }))
      })
    }
  },
  onSuccess() {
    console.log(JSON.stringify({ ...outcome, url: upload.url, done: true }))
  },
  onError(error) {
    console.error(String(error))
    process.exitCode = 1
  },
})
upload.start()
