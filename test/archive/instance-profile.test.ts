import { describe, expect, it } from 'vitest'
import { instanceProfile } from '../../src/archive/instance-profile.ts'
import type { XmlElement } from '../../src/xml/element.ts'
import { parseXml } from '../../src/xml/parse-xml.ts'
import { corpus } from '../support/corpus.ts'

const facts = {
  id: '79e94be0-7616-11e7-8e66-9db4599bbc7a',
  nodeId: '72094e20-7616-11e7-bd0c-af56c999f0ac',
  serviceClass: 'DataAccess',
  serviceName: 'tree-manager-service',
  version: '3.0.3-4.6.0-125718',
  since: '2017-07-31T19:34:16+02:00',
  status: 'ready',
  addresses: ['binder', 'reader', 'writer'].map((name) => `http://localhost:9999/gcube/data/tm/${name}`),
}

/** Names, attributes and texts, without what is only white space. */
const shape = (element: XmlElement): unknown => [
  element.name.local,
  Object.fromEntries(element.attributes.map(({ local, value }) => [local, value])),
  element.elements().length === 0 ? element.text().trim() : element.elements().map(shape),
]

describe('the profile of a running instance', () => {
  it('says what a live container wrote of the same one, but for what a node alone does not know', () => {
    const text = corpus('RIProfile.tree-manager.xml')
      .toString()
      .replace(/<Scopes>.*<\/Scopes>/, '')
      .replaceAll('/wsrf/services', '')
      .replace('<Service UniqueID="79cf0d20-7616-11e7-8e66-9db4599bbc7a" />', '<Service UniqueID=""/>')
    expect(shape(parseXml(instanceProfile(facts)).root)).toEqual(shape(parseXml(text).root))
  })

  it('tells one address of each service, the first', () => {
    const addresses = ['https://a:8443/S/Echo', 'https://a:8443/S/Other', 'http://a:8080/S/Echo']
    const xml = instanceProfile({ ...facts, addresses })
    expect(
      [...xml.matchAll(/<Endpoint EntryName="(.*)">(.*)<\/Endpoint>/g)].map(([, name, url]) => [name, url]),
    ).toEqual([
      ['S/Echo', 'https://a:8443/S/Echo'],
      ['S/Other', 'https://a:8443/S/Other'],
    ])
  })

  it('escapes what XML would take for markup', () => {
    const serviceName = `<a> & "b" 'c'`
    const { root } = parseXml(instanceProfile({ ...facts, serviceName, version: '"<&' }))
    expect(root.child('Profile')?.child('ServiceName')?.text()).toBe(serviceName)
    expect(root.child('Profile')?.child('Version')?.text()).toBe('"<&')
  })
})
