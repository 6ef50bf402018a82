import type { ServiceNames } from './service-names.ts'

type Texts = Readonly<Record<string, string>>

/** The descriptors and the profile of a new service, by path. */
export const descriptors = (names: ServiceNames): Texts => ({
  'etc/deploy-server.wsdd': wsdd(names, 'secure: callers must say who they are', [
    '<parameter name="securityDescriptor" value="@config.dir@/security-config.xml"/>',
  ]),
  'etc/deploy-server.wsdd_NOSEC': wsdd(names, 'open: everyone may call', []),
  'etc/deploy-jndi-config.xml': `<?xml version="1.0" encoding="UTF-8"?>
<jndiConfig xmlns="http://wsrf.globus.org/jndi/config">
  <service name="${names.serviceClass}/${names.name}">
    <environment name="greeting" value="hello" type="java.lang.String" override="false"/>
  </service>
</jndiConfig>
`,
  'etc/security-config.xml': `<?xml version="1.0" encoding="UTF-8"?>
<securityConfig xmlns="http://www.globus.org">
  <auth-method>
    <GSITransport/>
  </auth-method>
</securityConfig>
`,
  'profile.xml': profile(names),
})

const wsdd = (
  names: ServiceNames,
  comment: string,
  more: readonly string[],
): string => `<?xml version="1.0" encoding="UTF-8"?>
<!-- ${comment} -->
<deployment xmlns="http://xml.apache.org/axis/wsdd/" xmlns:java="http://xml.apache.org/axis/wsdd/providers/java">
  <service name="${names.serviceClass}/${names.name}" provider="Handler" use="literal" style="document">
    <parameter name="className" value="${names.javaPackage}.${names.className}"/>
    <parameter name="handlerClass" value="org.globus.axis.providers.RPCProvider"/>
    <parameter name="allowedMethods" value="*"/>
    <parameter name="scope" value="Application"/>
    <parameter name="loadOnStartup" value="true"/>
${more.map((line) => `    ${line}\n`).join('')}  </service>
</deployment>
`

const profile = ({ id, name, serviceClass, stubs }: ServiceNames): string => `<?xml version="1.0" encoding="UTF-8"?>
<Resource>
  <ID/>
  <Type>Service</Type>
  <Profile>
    <Description>What ${name} does, in a sentence</Description>
    <Class>${serviceClass}</Class>
    <Name>${name}</Name>
    <Version>1.0.0</Version>
    <Packages>
      <Main>
        <Name>${id}</Name>
        <Version>1.0.0</Version>
        <GARArchive>${id}.gar</GARArchive>
        <PortType>
          <Name>${serviceClass}/${name}</Name>
          <WSDL/>
        </PortType>
      </Main>
      <Software>
        <Name>${stubs}</Name>
        <Version>1.0.0</Version>
        <Type>library</Type>
        <Files>
          <File>index.js</File>
          <File>index.ts</File>
          <File>package.json</File>
        </Files>
      </Software>
    </Packages>
  </Profile>
</Resource>
`
