/** Which proxy the variables of an environment mean for an address. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { proxyFor } from '../../../../agent/edge/access/proxy-settings.ts'
import { failsAs } from '../../../support/edge/fake-edge.ts'

function proxy(url: string, environment: Record<string, string>): string | undefined {
  return proxyFor(new URL(url), environment)?.href
}

const all = { ALL_PROXY: 'http://p:1' }

test('the variable of the scheme is taken before ALL_PROXY, small letters before large ones, and an empty one is none', () => {
  const https = 'https://edge.example/'
  assert.equal(proxy(https, {}), undefined)
  assert.equal(proxy(https, { HTTPS_PROXY: 'http://s:1', HTTP_PROXY: 'http://h:1' }), 'http://s:1/')
  assert.equal(proxy('http://edge.example/', { HTTPS_PROXY: 'http://s:1' }), undefined)
  assert.equal(
    proxy('http://edge.example/', { http_proxy: 'http://small:1', HTTP_PROXY: 'http://h:1' }),
    'http://small:1/',
  )
  assert.equal(proxy(https, { ...all, https_proxy: '' }), 'http://p:1/')
  assert.equal(proxy(https, { all_proxy: 'me:pass@p.example:3128' }), 'http://me:pass@p.example:3128/')
})

test('this machine is never reached through a proxy', () => {
  for (const host of ['localhost', '127.0.0.1', '127.8.9.1', '[::1]'])
    assert.equal(proxy(`http://${host}:8787/`, all), undefined, host)
})

test('NO_PROXY excepts names with what is below them, addresses, networks and ports', () => {
  for (const [list, excepted, others] of [
    ['*', ['https://a.example/', 'http://10.0.0.1/'], []],
    ['b.test, .example', ['https://edge.example/', 'https://example/'], ['https://anexample/']],
    ['*.example', ['https://edge.example/'], ['https://example.test/']],
    ['EDGE.example', ['https://edge.example/', 'https://a.edge.example/'], ['https://other.example/']],
    ['edge.example:8443', ['https://edge.example:8443/'], ['https://edge.example/']],
    ['edge.example:443', ['https://edge.example/'], ['http://edge.example/']],
    ['10.0.0.0/8 192.168.7.1', ['http://10.200.0.1/', 'http://192.168.7.1/'], ['http://11.0.0.1/']],
    ['fd00::/8,[2001:db8::1]:80', ['http://[fd12::1]/', 'http://[2001:db8::1]/'], ['http://[2001:db8::2]/']],
    ['2001:db8::1', ['http://[2001:db8::1]:99/'], ['http://[2001:db8::2]/']],
    ['10.0.0.0/99,10.0.0.0/,nonsense/8', [], ['http://10.0.0.1/', 'http://nonsense/']],
  ] as const) {
    for (const url of excepted) assert.equal(proxy(url, { ...all, NO_PROXY: list }), undefined, url)
    for (const url of others) assert.equal(proxy(url, { ...all, no_proxy: list }), 'http://p:1/', url)
  }
})

test('a proxy that cannot be used is named by its variable, without the password in it', () => {
  for (const [value, reason] of [
    ['socks5://me:secret@p:1080', /ALL_PROXY names a SOCKS proxy/],
    ['ftp://me:secret@p', /ALL_PROXY names no HTTP proxy/],
    ['http://me:secret@:::', /ALL_PROXY is not the address/],
  ] as const) {
    assert.throws(
      () => proxy('https://edge.example/', { ALL_PROXY: value }),
      (error: Error & { detail?: string }) => {
        assert.doesNotMatch(error.detail ?? '', /secret/)
        return failsAs('not_possible_here', reason)(error)
      },
    )
  }
})
