import type { Name } from './name.ts'
import { oneLine } from './name-text.ts'

const spellings: ReadonlyArray<readonly [RegExp, readonly string[]]> = [
  [/\/emailAddress=/g, ['/Email=', '/E=']],
  [/\/UID=/g, ['/USERID=']],
]

/** The one-line forms of a name that a policy file may be written for: attribute types have several spellings. */
export function policyForms(name: Name): readonly string[] {
  let forms = [oneLine(name)]
  for (const [written, others] of spellings) {
    if (!written.test(forms[0] as string)) continue
    forms = forms.flatMap((form) => [form, ...others.map((other) => form.replace(written, other))])
  }
  return forms
}
