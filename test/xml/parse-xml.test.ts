import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeXml } from '../../src/xml/decode.ts'
import { XmlElement } from '../../src/xml/element.ts'
import { XmlDeclarationMisplaced, XmlRefused, XmlTagMismatch } from '../../src/xml/errors.ts'
import { parseXml } from '../../src/xml/parse-xml.ts'
import { corpus, corpusFiles } from '../support/corpus.ts'

const root = (input: string | Uint8Array) => parseXml(input).root

const refusal = (input: string | Uint8Array, file?: string): XmlRefused => {
  try {
    parseXml(input, { file })
  } catch (error) {
    if (error instanceof XmlRefused) return error
    throw error
  }
  throw new Error('the text was accepted')
}

describe('an XML tree', () => {
  it('has elements with namespaces, attributes in order and children in order', () => {
    const deployment = root('<d xmlns="urn:d" xmlns:x="urn:x" b="1" x:a="2" a="3">one<x:e/>two<e/><!-- no -->three</d>')
    expect(deployment.name).toEqual({ namespace: 'urn:d', local: 'd', prefix: '' })
    expect(deployment.attributes).toEqual([
      { namespace: '', local: 'b', prefix: '', value: '1' },
      { namespace: 'urn:x', local: 'a', prefix: 'x', value: '2' },
      { namespace: '', local: 'a', prefix: '', value: '3' },
    ])
    expect(deployment.children.map((child) => (typeof child === 'string' ? child : child.name))).toEqual([
      'one',
      { namespace: 'urn:x', local: 'e', prefix: 'x' },
      'two',
      { namespace: 'urn:d', local: 'e', prefix: '' },
      'three',
    ])
    expect(deployment.text()).toBe('onetwothree')
  })

  it('finds children in its own namespace, and in another when told', () => {
    const tree = root('<d xmlns="urn:d" xmlns:x="urn:x"><e n="1"/><x:e n="2"/><e n="3"/><f/></d>')
    expect(tree.elements('e').map((one) => one.attribute('n'))).toEqual(['1', '3'])
    expect(tree.elements('e', 'urn:x').map((one) => one.attribute('n'))).toEqual(['2'])
    expect(tree.child('e')?.attribute('n')).toBe('1')
    expect(tree.child('x')).toBeUndefined()
    expect(tree.elements()).toHaveLength(4)
  })

  it('tells an attribute of a namespace from one of the same name without', () => {
    const tree = root('<a xmlns:x="urn:x" x:n="1"/>')
    expect(tree.attribute('n')).toBeUndefined()
    expect(tree.attribute('n', 'urn:x')).toBe('1')
  })

  it('knows where each start tag begins, whatever follows its name', () => {
    const places = (element: XmlElement): unknown[] => [
      [element.name.local, element.line, element.column],
      ...element.elements().flatMap(places),
    ]
    expect(places(root('<r>\n  <a\n   b="1"><c/></a>\r\n\t<d\r\n/><e\r/>  <f />\r<g></g></r>'))).toEqual([
      ['r', 1, 1],
      ['a', 2, 3],
      ['c', 3, 10],
      ['d', 4, 2],
      ['e', 5, 3],
      ['f', 6, 5],
      ['g', 7, 1],
    ])
  })

  it('keeps the prefixes in scope at an element, for names in its text', () => {
    const config = root(
      '<c xmlns="urn:c" xmlns:p="urn:1"><n>p:a</n><n xmlns:p="urn:2" xmlns="">p:a</n><n>a</n><n>q:a</n><n>a b</n></c>',
    )
    const names = config.elements().map((one) => one.qname(one.text()))
    expect(names).toEqual([
      { namespace: 'urn:1', local: 'a', prefix: 'p' },
      { namespace: 'urn:2', local: 'a', prefix: 'p' },
      { namespace: 'urn:c', local: 'a', prefix: '' },
      undefined,
      undefined,
    ])
    expect(config.prefixes.get('xml')).toBe('http://www.w3.org/XML/1998/namespace')
    expect(config.qname('constructor:a')).toBeUndefined()
  })

  it('resolves the resource property names of a real registration where they stand', () => {
    const registration = root(corpus('registration.deployer.xml'))
    const agg = 'http://mds.globus.org/aggregator/types'
    const poll = registration
      .child('Content')
      ?.child('AggregatorConfig', agg)
      ?.child('GetMultipleResourcePropertiesPollType', agg)
    expect(poll?.elements('ResourcePropertyNames', agg).map((one) => one.qname(one.text())?.namespace)).toEqual([
      'http://gcube-system.org/namespaces/vremanagement/deployer',
      'http://gcube-system.org/namespaces/vremanagement/deployer',
    ])
    expect(registration.qname('deployer:DeployedPackages')).toBeUndefined()
  })

  it('takes CDATA, references and line ends as XML says', () => {
    const tree = root('<a b=" x\r\n\ty&#10;z&lt;&quot;">1 &lt; 2 &amp;&#x26;<![CDATA[<b>&amp;]]>\r\n3\r4</a>')
    expect(tree.attribute('b')).toBe(' x  y\nz<"')
    expect(tree.text()).toBe('1 < 2 &&<b>&amp;\n3\n4')
    expect(tree.children).toHaveLength(1)
  })

  it('is the same for a long text, wherever the pieces of it end', () => {
    const line = (width: number) => `<e a="${'x'.repeat(width)}">𝄞&amp;${'y'.repeat(width)}</e>\r\n`
    const tree = root(`<r>\r\n${Array.from({ length: 600 }, (_, i) => line(i)).join('')}<last/></r>`)
    const elements = tree.elements()
    expect(elements).toHaveLength(601)
    elements.slice(0, 600).forEach((element, i) => {
      expect([element.line, element.column, element.attribute('a')?.length]).toEqual([i + 2, 1, i])
      expect(element.text()).toBe(`𝄞&${'y'.repeat(i)}`)
    })
    expect(elements.at(-1)?.line).toBe(602)
    expect(tree.text()).toBe('\n'.repeat(601))
  })

  it('keeps names of Object.prototype harmless', () => {
    const tree = root(
      '<__proto__ constructor="1" __proto__="2" toString="3"><constructor/><__proto__ a="4"/></__proto__>',
    )
    expect(tree.name.local).toBe('__proto__')
    expect(tree.attributes.map(({ local, value }) => [local, value])).toEqual([
      ['constructor', '1'],
      ['__proto__', '2'],
      ['toString', '3'],
    ])
    expect(tree.child('__proto__')?.attribute('a')).toBe('4')
    expect(tree.child('toString')).toBeUndefined()
    expect(root('<a xmlns:__proto__="urn:p"><__proto__:b/></a>').elements()[0]?.name.namespace).toBe('urn:p')
  })
})

describe('the encoding of an XML text', () => {
  const text = '<?xml version="1.0"?><a>è €𝄞</a>'
  const utf16 = (of: string) => Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(of, 'utf16le')])

  it.each([
    ['UTF-8', Buffer.from(text)],
    ['UTF-8 with a byte order mark', Buffer.from(`\ufeff${text}`)],
    ['UTF-8 as declared', Buffer.from(text.replace('?>', ' encoding="utf-8"?>'))],
    ['UTF-16, little end first', utf16(text)],
    ['UTF-16, big end first', utf16(text).swap16()],
    ['UTF-16 as declared', utf16(text.replace('?>', " encoding='UTF-16'?>"))],
    ['a text', text],
    ['a text with a byte order mark', `\ufeff${text}`],
  ])('%s is read', (_, input) => {
    expect(root(input).text()).toBe('è €𝄞')
  })

  it.each(['US-ASCII', 'ISO-8859-1', 'iso-8859-15', 'windows-1252'])(
    'declared as %s is read when all is ASCII',
    (name) => {
      expect(root(Buffer.from(`<?xml version="1.0" encoding="${name}"?><a>b</a>`)).text()).toBe('b')
    },
  )
})

describe('the text of a file that is not read yet', () => {
  it('has no byte order mark, and an encoding that its declaration agrees with', () => {
    expect(decodeXml(Buffer.from('\ufeff<a>é</a>'), 'x.xml')).toEqual({ text: '<a>é</a>', found: 'UTF-8' })
    const untrue = Buffer.from('<!-- c --><?xml version="1.0" encoding="UTF-16"?><a/>')
    expect(() => decodeXml(untrue, 'x.xml')).toThrow(
      'x.xml, line 1: the text is declared as UTF-16, but its bytes are UTF-8',
    )
  })
})

describe('what stands before the XML declaration', () => {
  const licence = '<!-- licence\n -->\n<?p?>\n<?xml version="1.0" encoding="UTF-8"?><a>\n  <b/></a>'

  it('is refused with the cause, the line and the next step', () => {
    const error = refusal(licence, 'etc/security.xml')
    expect(error).toBeInstanceOf(XmlDeclarationMisplaced)
    expect(error.message).toBe('etc/security.xml, line 1: a comment stands before the XML declaration')
    expect(error.next).toBe('remove it, or accept the file with --lenient')
    expect(refusal('\n<?xml version="1.0"?><a/>').message).toBe(
      'XML text, line 1: white space stands before the XML declaration',
    )
    expect(refusal('<?p?><?xml version="1.0"?><a/>').message).toContain('a processing instruction stands before')
  })

  it('is dropped in a lenient reading, reported, and lines stay true', () => {
    const document = parseXml(licence, { file: 'etc/security.xml', lenient: true })
    expect(document.problems).toEqual([
      {
        level: 'warning',
        code: 'xml-declaration-misplaced',
        message: 'a comment stands before the XML declaration; it was dropped',
        file: 'etc/security.xml',
        line: 1,
      },
    ])
    expect([document.root.line, document.root.column]).toEqual([4, 39])
    expect(document.root.child('b')?.line).toBe(5)
  })

  it('is no matter where there is no declaration', () => {
    expect(parseXml('\n<!-- c -->\n<a/>').problems).toEqual([])
  })
})

describe('a refusal', () => {
  it('names both tags and the lines of a mismatch', () => {
    const error = refusal('<a>\n <b>\n </c></a>', 'x.xml')
    expect(error).toBeInstanceOf(XmlTagMismatch)
    expect(error).toMatchObject({
      message: 'x.xml, line 3: </c> closes <b> of line 2',
      file: 'x.xml',
      line: 3,
      column: 5,
    })
  })

  it('names the character, the attribute and the prefix it is about', () => {
    expect(refusal('<a>\u0001</a>').message).toContain('U+0001')
    expect(refusal('<a xmlns:p="u" xmlns:q="u" p:b="" q:b=""/>')).toMatchObject({ attribute: '{u}b' })
    expect(refusal('<p:a/>')).toMatchObject({ prefix: 'p', next: 'declare it with xmlns:p="…"' })
    expect(refusal('<a><b>').message).toBe('XML text, line 1: the text ends within <b> of line 1')
  })

  it('holds limits that are given', () => {
    const limits = { depth: 2, nodes: 3, attributes: 1, name: 4, value: 5, text: 6, size: 100 }
    const code = (text: string) => {
      try {
        parseXml(text, { limits })
        return 'accepted'
      } catch (error) {
        return (error as XmlRefused).code
      }
    }
    expect(code('<a><b c="12345">123456</b><d/></a>')).toBe('accepted')
    expect(code('<a><b><c/></b></a>')).toBe('DHN_XML_TOO_DEEP')
    expect(code('<a><b/><b/><b/></a>')).toBe('DHN_XML_TOO_MANY_NODES')
    expect(code('<a b="" c=""/>')).toBe('DHN_XML_TOO_MANY_ATTRIBUTES')
    expect(code('<abcde/>')).toBe('DHN_XML_TOO_LONG')
    expect(code('<a b="123456"/>')).toBe('DHN_XML_TOO_LONG')
    expect(code('<a>1234567</a>')).toBe('DHN_XML_TOO_LONG')
    expect(code(`<a>${' '.repeat(100)}</a>`)).toBe('DHN_XML_TOO_LARGE')
  })
})

describe('the corpus', () => {
  const malformed = 'security-desc.cds.xml'

  it.each(corpusFiles.filter((name) => name !== malformed))('%s is read', (name) => {
    const { root: element, problems } = parseXml(corpus(name), { file: name })
    expect(element.elements().length).toBeGreaterThan(0)
    expect(problems).toEqual([])
  })

  it('has one file that is refused, with the cause, and read leniently', () => {
    expect(refusal(corpus(malformed), malformed).message).toBe(
      `${malformed}, line 1: a comment stands before the XML declaration`,
    )
    const { root: element, problems } = parseXml(corpus(malformed), { file: malformed, lenient: true })
    expect(problems.map(({ code, line }) => [code, line])).toEqual([['xml-declaration-misplaced', 1]])
    expect(element.line).toBe(9)
    expect(element.elements('method').map((method) => method.attribute('name'))).toEqual([
      'getServiceSecurityMetadata',
      'getMultipleResourceProperties',
      'getResourceProperty',
      'queryResourceProperties',
    ])
  })
})

describe('for any text', () => {
  const allowed = fc
    .string({ unit: 'binary', maxLength: 60 })
    .map((text) => text.replace(/\p{Surrogate}|(?![\t\r\n])\p{Cc}|[\ufffe\uffff]/gu, ''))
  /** Each kind of reference in turn. */
  const escaped = (text: string) =>
    text.replace(
      /[<>&"\t\r\n]/g,
      (one, at: number) => `&#${at % 2 ? one.charCodeAt(0) : `x${one.charCodeAt(0).toString(16)}`};`,
    )

  it('what was escaped is read back, in texts and attributes', () => {
    fc.assert(
      fc.property(allowed, allowed, (value, text) => {
        const element = root(Buffer.from(`<a b="${escaped(value)}">${escaped(text)}</a>`))
        expect([element.attribute('b'), element.text()]).toEqual([value, text])
      }),
    )
  })

  it('it is read or refused with a typed error, and nothing else is thrown', () => {
    const markup = fc.array(
      fc.constantFrom(
        '<',
        '>',
        '/',
        'a',
        ':',
        '="',
        '"',
        "'",
        '&',
        ';',
        '#',
        '<!--',
        '-->',
        '<![CDATA[',
        ']]>',
        '<?',
        '?>',
        'xml',
        'xmlns',
        ' ',
        '\r',
        '\n',
        '!DOCTYPE',
        '\ud800',
        '\0',
        '\ufeff',
        '<a>',
        '</a>',
      ),
      { maxLength: 30 },
    )
    fc.assert(
      fc.property(
        fc.oneof(
          markup.map((parts) => parts.join('')),
          fc.uint8Array({ maxLength: 60 }),
        ),
        fc.boolean(),
        (input, lenient) => {
          try {
            expect(parseXml(input, { lenient }).root).toBeInstanceOf(XmlElement)
          } catch (error) {
            expect(error).toBeInstanceOf(XmlRefused)
          }
        },
      ),
      { numRuns: 3000 },
    )
  })
})
